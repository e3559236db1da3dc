-- E051-06: HAVING clause
CREATE TABLE t (a INT, b INT);
INSERT INTO t VALUES (1, 1), (1, 2), (2, 3);
SELECT a FROM t GROUP BY a HAVING count(*) > 1;
--> 1
SELECT sum(b) FROM t HAVING sum(b) > 100;
SELECT 1 FROM t HAVING 1 = 1;
--> 1
SELECT a FROM t HAVING a > 1;
--! 42803
