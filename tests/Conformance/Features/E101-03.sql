-- E101-03: Searched UPDATE statement
CREATE TABLE t (a INT, b INT DEFAULT 5);
INSERT INTO t VALUES (1, 1), (2, 2);
UPDATE t SET a = b + 10, b = a WHERE a = 2;
UPDATE t SET b = DEFAULT WHERE a = 1;
UPDATE t SET b = NULL WHERE a = 100;
SELECT a, b FROM t ORDER BY a;
--> 1|5
--> 12|2
UPDATE t SET a = 1, a = 2;
--! 42601
