-- S011: Distinct data types
CREATE TYPE money_amount AS NUMERIC(10, 2) FINAL;
CREATE TABLE t (a money_amount);
INSERT INTO t VALUES (CAST(1.5 AS money_amount));
INSERT INTO t VALUES (2.25);
SELECT CAST(a AS NUMERIC(10, 2)) FROM t ORDER BY a;
--> 1.50
--> 2.25
SELECT a = CAST(1.5 AS money_amount) FROM t ORDER BY a;
--> t
--> f
SELECT a = 1.5 FROM t;
--! 42883
SELECT a + a FROM t;
--! 42883
CREATE TYPE weight AS NUMERIC(10, 2) FINAL;
SELECT a = CAST(1.5 AS weight) FROM t;
--! 42883
SELECT CAST(a AS weight) FROM t;
--! 42846
CREATE TYPE money_amount AS INTEGER FINAL;
--! 42710
DROP TYPE money_amount RESTRICT;
--! 2BP01
DROP TABLE t;
DROP TYPE money_amount RESTRICT;
SELECT CAST(1 AS money_amount);
--! 42704
