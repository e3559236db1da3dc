-- F690: Collation support
SELECT 'a' < 'B' COLLATE "C";
--> f
CREATE TABLE t (a VARCHAR(5) COLLATE "C");
INSERT INTO t VALUES ('b'), ('A'), ('a');
SELECT a FROM t ORDER BY a;
--> A
--> a
--> b
