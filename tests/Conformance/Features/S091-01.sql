-- S091-01: Arrays of built-in data types
CREATE TABLE t (a INT ARRAY[4], b VARCHAR(5) ARRAY);
INSERT INTO t VALUES (ARRAY[1, 2], ARRAY['x']);
SELECT a[2], b[1], CARDINALITY(a) FROM t;
--> 2|x|2
