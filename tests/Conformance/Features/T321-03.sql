-- T321-03: Function invocation
CREATE TABLE t (a INT);
INSERT INTO t VALUES (1), (2);
CREATE FUNCTION total() RETURNS BIGINT LANGUAGE SQL READS SQL DATA RETURN (SELECT sum(a) FROM t);
CREATE FUNCTION twice(x INT) RETURNS INT RETURN x * 2;
SELECT total(), twice(twice(3));
--> 3|12
SELECT a FROM t WHERE twice(a) = 4;
--> 2
SELECT twice('x');
--! 22P02
SELECT twice(1, 2);
--! 42883
