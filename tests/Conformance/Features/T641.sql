-- T641: Multiple column assignment
CREATE TABLE t (a INT, b INT);
INSERT INTO t VALUES (1, 2);
UPDATE t SET (a, b) = (b, a);
SELECT a, b FROM t;
--> 2|1
UPDATE t SET (a, b) = (SELECT 5, 6);
SELECT a, b FROM t;
--> 5|6
