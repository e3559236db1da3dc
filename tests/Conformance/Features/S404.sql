-- S404: TRIM_ARRAY
SELECT trim_array(ARRAY[1, 2, 3], 1);
--> {1,2}
