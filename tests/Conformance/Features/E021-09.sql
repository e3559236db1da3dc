-- E021-09: TRIM function
SELECT TRIM('  a '), TRIM(BOTH FROM ' b '), TRIM(LEADING 'x' FROM 'xxcx'), TRIM(TRAILING FROM 'd  '), TRIM(BOTH 'x' FROM 'xex'), TRIM('x' FROM 'xfx');
--> a|b|cx|d|e|f
SELECT TRIM(FROM '  g  ');
--> g
