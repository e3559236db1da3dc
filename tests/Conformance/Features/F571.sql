-- F571: Truth value tests
SELECT (1 = 1) IS TRUE, (1 = 2) IS NOT TRUE, (NULL = 1) IS UNKNOWN, (1 = 1) IS NOT FALSE;
--> t|t|t|t
