-- E091-03: MAX
CREATE TABLE t (a INT, b VARCHAR(5), c DATE);
INSERT INTO t VALUES (1, 'b', DATE '2020-01-01'), (3, 'a', DATE '2019-01-01'), (NULL, NULL, NULL);
SELECT max(a), max(b), max(c) FROM t;
--> 3|b|2020-01-01
