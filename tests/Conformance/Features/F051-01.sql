-- F051-01: DATE data type (including support of DATE literal)
CREATE TABLE t (a DATE);
INSERT INTO t VALUES (DATE '2020-02-29'), ('1999-12-31');
SELECT a FROM t ORDER BY a;
--> 1999-12-31
--> 2020-02-29
SELECT DATE '2021-02-29';
--! 22008
SELECT DATE 'yesterdayish';
--! 22007
