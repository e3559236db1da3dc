-- E021-01: CHARACTER data type (including all its spellings)
CREATE TABLE t (a CHAR, b CHARACTER, c CHAR(5), d CHARACTER(5), e CHARACTER(5 CHARACTERS), f CHAR(5 OCTETS));
INSERT INTO t VALUES ('x', 'y', 'abc', 'abcde', 'ab', 'cd');
SELECT a, b, c = 'abc', d, e = 'ab', f = 'cd' FROM t;
--> x|y|t|abcde|t|t
INSERT INTO t (a) VALUES ('xy');
--! 22001
CREATE TABLE bad (a CHAR(0));
--! 22023
