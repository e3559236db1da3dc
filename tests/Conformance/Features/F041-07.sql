-- F041-07: The inner table in a left or right outer join can also be used in an inner join
CREATE TABLE t (a INT);
CREATE TABLE u (a INT);
CREATE TABLE v (a INT);
INSERT INTO t VALUES (1), (2);
INSERT INTO u VALUES (2), (3);
INSERT INTO v VALUES (2), (3);
SELECT t.a, u.a FROM t LEFT JOIN (u INNER JOIN v ON u.a = v.a) ON t.a = u.a ORDER BY t.a;
--> 1|NULL
--> 2|2
SELECT t.a, u.a, v.a FROM t RIGHT JOIN u ON t.a = u.a INNER JOIN v ON u.a = v.a ORDER BY u.a;
--> 2|2|2
--> NULL|3|3
