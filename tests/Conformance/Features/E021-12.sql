-- E021-12: Character comparison
SELECT 'a' = 'a', 'a' < 'b', 'b' > 'a', 'a' <= 'a', 'a' >= 'b', 'a' <> 'b';
--> t|t|t|t|f|t
CREATE TABLE t (a CHAR(5));
INSERT INTO t VALUES ('ab'), ('abc'), ('b');
SELECT a FROM t WHERE a > 'ab' AND a < 'b';
--> abc  
SELECT count(*) FROM t WHERE a = 'ab   ';
--> 1
