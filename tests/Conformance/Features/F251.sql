-- F251: Domain support
CREATE DOMAIN positive AS INT DEFAULT 1 CONSTRAINT above_zero CHECK (VALUE > 0);
CREATE DOMAIN code CHAR(3) NOT NULL;
CREATE TABLE t (a positive, b code);
INSERT INTO t (b) VALUES ('abc');
SELECT a, b FROM t;
--> 1|abc
INSERT INTO t VALUES (0, 'x');
--! 23514
INSERT INTO t VALUES (1, NULL);
--! 23502
INSERT INTO t VALUES (1, 'abcd');
--! 22001
SELECT CAST(5 AS positive) + 1;
--> 6
SELECT CAST(-5 AS positive);
--! 23514
DROP DOMAIN positive RESTRICT;
--! 2BP01
DROP DOMAIN positive CASCADE;
SELECT * FROM t;
--> abc
