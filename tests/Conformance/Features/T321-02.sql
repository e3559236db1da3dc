-- T321-02: User-defined stored procedures with no overloading
CREATE TABLE t (a INT);
CREATE PROCEDURE add_row(x INT) LANGUAGE SQL MODIFIES SQL DATA BEGIN ATOMIC INSERT INTO t VALUES (x); INSERT INTO t VALUES (x + 1); END;
CALL add_row(1);
SELECT a FROM t ORDER BY a;
--> 1
--> 2
CREATE PROCEDURE single(x INT) INSERT INTO t VALUES (x);
DROP PROCEDURE add_row;
CALL add_row(1);
--! 42883
