-- F661: Simple tables
CREATE TABLE t (a INT);
INSERT INTO t VALUES (1);
TABLE t;
--> 1
VALUES (1), (2) ORDER BY 1;
--> 1
--> 2
