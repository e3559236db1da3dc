-- F031-01: CREATE TABLE statement to create persistent base tables
CREATE TABLE t (a INT, b VARCHAR(10) DEFAULT 'x' NOT NULL, PRIMARY KEY (a), CHECK (a > 0));
INSERT INTO t (a) VALUES (1);
SELECT a, b FROM t;
--> 1|x
CREATE TABLE t (a INT);
--! 42P07
CREATE TABLE u (a INT, a INT);
--! 42701
CREATE TABLE u (a NOSUCHTYPE);
--! 42704
