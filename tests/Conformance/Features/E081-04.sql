-- E081-04: UPDATE privilege at the table level
CREATE ROLE e081_updater;
CREATE TABLE t (a INT, b INT);
INSERT INTO t VALUES (1, 1);
GRANT USAGE ON SCHEMA conformance TO e081_updater;
SET ROLE e081_updater;
UPDATE t SET a = 2;
--! 42501
RESET ROLE;
GRANT UPDATE ON TABLE t TO e081_updater;
SET ROLE e081_updater;
UPDATE t SET a = 2;
UPDATE t SET a = b;
--! 42501
RESET ROLE;
SELECT a FROM t;
--> 2
DROP OWNED BY e081_updater;
DROP ROLE e081_updater;
