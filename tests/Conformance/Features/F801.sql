-- F801: Full set function
CREATE TABLE t (a INT, b INT);
INSERT INTO t VALUES (1, 1), (1, 2), (2, 2);
SELECT count(DISTINCT a), count(DISTINCT b), sum(DISTINCT a + b) FROM t;
--> 2|2|9
