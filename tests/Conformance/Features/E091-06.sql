-- E091-06: ALL quantifier
CREATE TABLE t (a INT);
INSERT INTO t VALUES (1), (1);
SELECT sum(ALL a), count(ALL a), avg(ALL a), max(ALL a), min(ALL a) FROM t;
--> 2|2|1.00000000000000000000|1|1
