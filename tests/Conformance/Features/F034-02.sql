-- F034-02: REVOKE statement: GRANT OPTION FOR clause
CREATE ROLE f034_role;
CREATE TABLE t (a INT);
GRANT SELECT ON t TO f034_role WITH GRANT OPTION;
REVOKE GRANT OPTION FOR SELECT ON t FROM f034_role CASCADE;
SELECT has_table_privilege('f034_role', 'conformance.t', 'SELECT'), has_table_privilege('f034_role', 'conformance.t', 'SELECT WITH GRANT OPTION');
--> t|f
DROP OWNED BY f034_role;
DROP ROLE f034_role;
