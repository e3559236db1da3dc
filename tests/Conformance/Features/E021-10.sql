-- E021-10: Implicit casting among the fixed-length and variable-length character string types
CREATE TABLE t (a CHAR(5), b VARCHAR(10));
INSERT INTO t VALUES ('abc', 'abc');
SELECT count(*) FROM t WHERE a = b;
--> 1
SELECT a || b FROM t;
--> abcabc
UPDATE t SET b = a, a = b;
SELECT CHARACTER_LENGTH(b) FROM t;
--> 3
