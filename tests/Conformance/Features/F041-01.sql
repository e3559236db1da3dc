-- F041-01: Inner join (but not necessarily the INNER keyword)
CREATE TABLE t (a INT);
CREATE TABLE u (a INT, b INT);
INSERT INTO t VALUES (1), (2);
INSERT INTO u VALUES (1, 10), (1, 11), (3, 30);
SELECT t.a, u.b FROM t JOIN u ON t.a = u.a ORDER BY b;
--> 1|10
--> 1|11
SELECT a, b FROM t JOIN u USING (a) ORDER BY b;
--> 1|10
--> 1|11
SELECT 1 FROM t JOIN u;
--! 42601
