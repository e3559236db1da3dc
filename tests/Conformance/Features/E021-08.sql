-- E021-08: UPPER and LOWER functions
SELECT UPPER('abC'), LOWER('ABc'), UPPER('ä'), LOWER('');
--> ABC|abc|Ä|
