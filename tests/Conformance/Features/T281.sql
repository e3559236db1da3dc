-- T281: SELECT privilege with column granularity
CREATE ROLE t281_role;
CREATE TABLE t (a INT, b INT);
GRANT USAGE ON SCHEMA conformance TO t281_role;
GRANT SELECT (a) ON t TO t281_role;
SET ROLE t281_role;
SELECT a FROM t;
SELECT b FROM t;
--! 42501
RESET ROLE;
DROP OWNED BY t281_role;
DROP ROLE t281_role;
