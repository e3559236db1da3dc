-- E091-02: COUNT
CREATE TABLE t (a INT);
SELECT count(*), count(a) FROM t;
--> 0|0
INSERT INTO t VALUES (1), (NULL), (1);
SELECT count(*), count(a), count(DISTINCT a), count(ALL a) FROM t;
--> 3|2|1|2
