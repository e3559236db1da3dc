-- E081-05: UPDATE privilege at the column level
CREATE ROLE e081_updater;
CREATE TABLE t (a INT, b INT);
INSERT INTO t VALUES (1, 1);
GRANT USAGE ON SCHEMA conformance TO e081_updater;
GRANT UPDATE (a) ON TABLE t TO e081_updater;
SET ROLE e081_updater;
UPDATE t SET a = 2;
UPDATE t SET b = 2;
--! 42501
RESET ROLE;
SELECT a, b FROM t;
--> 2|1
REVOKE UPDATE (a) ON t FROM e081_updater;
SET ROLE e081_updater;
UPDATE t SET a = 3;
--! 42501
RESET ROLE;
DROP OWNED BY e081_updater;
DROP ROLE e081_updater;
