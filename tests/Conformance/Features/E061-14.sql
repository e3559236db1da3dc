-- E061-14: Search condition
CREATE TABLE t (a INT, b INT);
INSERT INTO t VALUES (1, 1), (2, NULL), (3, 3);
SELECT a FROM t WHERE NOT (a = 1 OR b = 3) AND a > 0;
SELECT a FROM t WHERE a = 1 OR a = 2 AND b IS NULL ORDER BY a;
--> 1
--> 2
SELECT a FROM t WHERE (b = 1) IS NOT TRUE ORDER BY a;
--> 2
--> 3
SELECT a FROM t WHERE a;
--! 42804
