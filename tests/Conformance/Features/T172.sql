-- T172: AS subquery clause in table definition
CREATE TABLE t AS (SELECT 1 AS a) WITH DATA;
SELECT a FROM t;
--> 1
CREATE TABLE u (b) AS SELECT a FROM t WITH NO DATA;
SELECT count(*) FROM u;
--> 0
