-- E091-04: MIN
CREATE TABLE t (a INT, b VARCHAR(5), c DATE);
INSERT INTO t VALUES (1, 'b', DATE '2020-01-01'), (3, 'a', DATE '2019-01-01'), (NULL, NULL, NULL);
SELECT min(a), min(b), min(c) FROM t;
--> 1|a|2019-01-01
