-- F171: Multiple schemas per user
CREATE SCHEMA f171_one;
CREATE SCHEMA f171_two;
CREATE TABLE f171_one.t (a INT);
CREATE TABLE f171_two.t (a INT);
SELECT count(*) FROM f171_one.t, f171_two.t;
--> 0
DROP SCHEMA f171_one CASCADE;
DROP SCHEMA f171_two CASCADE;
