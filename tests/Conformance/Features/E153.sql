-- E153: Updatable queries with subqueries
CREATE TABLE t (a INT, b INT);
INSERT INTO t VALUES (1, 1), (2, 2), (3, 3);
CREATE VIEW v AS SELECT a, b FROM t WHERE a IN (SELECT max(a) FROM t);
SELECT a FROM v;
--> 3
UPDATE v SET b = 30 WHERE a = 3;
DELETE FROM v WHERE b = 30;
INSERT INTO v VALUES (9, 9);
SELECT a, b FROM t ORDER BY a;
--> 1|1
--> 2|2
--> 9|9
UPDATE t SET b = (SELECT max(b) FROM t) WHERE a = (SELECT min(a) FROM t);
SELECT b FROM t WHERE a = 1;
--> 9
