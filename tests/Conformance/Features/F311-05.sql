-- F311-05: GRANT statement
CREATE ROLE f311_role;
CREATE SCHEMA f311_schema CREATE TABLE t (a INT) GRANT SELECT ON f311_schema.t TO f311_role;
SELECT has_table_privilege('f311_role', 'f311_schema.t', 'SELECT');
--> t
DROP SCHEMA f311_schema CASCADE;
DROP ROLE f311_role;
