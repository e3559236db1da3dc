-- T331: Basic roles
CREATE ROLE t331_group;
CREATE ROLE t331_member;
GRANT t331_group TO t331_member;
SET ROLE t331_member;
SELECT CURRENT_ROLE;
--> t331_member
RESET ROLE;
REVOKE t331_group FROM t331_member;
DROP ROLE t331_group;
DROP ROLE t331_member;
