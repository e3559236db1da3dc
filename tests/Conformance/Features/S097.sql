-- S097: Array element assignment
CREATE TABLE t (a INT ARRAY);
INSERT INTO t VALUES (ARRAY[1, 2, 3]);
UPDATE t SET a[2] = 9;
SELECT a FROM t;
--> {1,9,3}
