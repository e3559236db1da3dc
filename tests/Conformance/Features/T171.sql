-- T171: LIKE clause in table definition
CREATE TABLE t (a INT, b VARCHAR(5));
CREATE TABLE u (LIKE t);
INSERT INTO u VALUES (1, 'x');
SELECT a, b FROM u;
--> 1|x
