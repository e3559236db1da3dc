-- S096: Optional array bounds
CREATE TABLE t (a INT ARRAY);
INSERT INTO t VALUES (ARRAY[1, 2, 3]);
SELECT a FROM t;
--> {1,2,3}
