-- S011: Distinct data types
CREATE TYPE money_amount AS NUMERIC(10, 2) FINAL;
CREATE TABLE t (a money_amount);
INSERT INTO t VALUES (CAST(1.5 AS money_amount));
SELECT CAST(a AS NUMERIC(10, 2)) FROM t;
--> 1.50
SELECT a = CAST(1.5 AS money_amount) FROM t;
--> t
SELECT a = 1.5 FROM t;
--! 42883
DROP TYPE money_amount RESTRICT;
--! 2BP01
DROP TABLE t;
DROP TYPE money_amount RESTRICT;
