-- F041-05: Outer joins can be nested
CREATE TABLE t (a INT);
CREATE TABLE u (a INT);
CREATE TABLE v (a INT);
INSERT INTO t VALUES (1), (2), (3);
INSERT INTO u VALUES (1), (2);
INSERT INTO v VALUES (2);
SELECT t.a, u.a, v.a FROM t LEFT JOIN (u LEFT JOIN v ON u.a = v.a) ON t.a = u.a ORDER BY t.a;
--> 1|1|NULL
--> 2|2|2
--> 3|NULL|NULL
SELECT t.a, u.a, v.a FROM t LEFT JOIN u LEFT JOIN v ON u.a = v.a ON t.a = u.a ORDER BY t.a;
--> 1|1|NULL
--> 2|2|2
--> 3|NULL|NULL
