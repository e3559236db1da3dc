-- E021-02: CHARACTER VARYING data type (including all its spellings)
CREATE TABLE t (a VARCHAR(5), b CHAR VARYING(5), c CHARACTER VARYING(5), d VARCHAR(5 CHARACTERS), e VARCHAR(5 OCTETS));
INSERT INTO t VALUES ('a', 'ab', 'abc', 'abcd', 'abcde');
SELECT a || b || c || d || e FROM t;
--> aababcabcdabcde
INSERT INTO t (a) VALUES ('abcdef');
--! 22001
