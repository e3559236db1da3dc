-- F041-08: All comparison operators are supported (rather than just =)
CREATE TABLE t (a INT);
CREATE TABLE u (b INT);
INSERT INTO t VALUES (1), (2), (3);
INSERT INTO u VALUES (2);
SELECT a FROM t JOIN u ON a < b;
--> 1
SELECT a FROM t JOIN u ON a <= b ORDER BY a;
--> 1
--> 2
SELECT a FROM t JOIN u ON a > b;
--> 3
SELECT a FROM t JOIN u ON a >= b ORDER BY a;
--> 2
--> 3
SELECT a, b FROM t LEFT JOIN u ON a <> b ORDER BY a;
--> 1|2
--> 2|NULL
--> 3|2
