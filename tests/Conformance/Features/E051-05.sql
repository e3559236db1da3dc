-- E051-05: Select list items can be renamed
CREATE TABLE t (a INT);
INSERT INTO t VALUES (1);
SELECT a AS b, a c, a + 1 AS "D" FROM t ORDER BY b;
--> 1|1|2
