-- F421: National character
CREATE TABLE t (a NATIONAL CHARACTER(3), b NCHAR VARYING(5));
INSERT INTO t VALUES (N'äöü', N'x');
SELECT a, b FROM t;
--> äöü|x
