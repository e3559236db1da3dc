-- S091-03: Array expressions
SELECT ARRAY[1, 2] || ARRAY[3], ARRAY[1, 2] = ARRAY[1, 2];
--> {1,2,3}|t
