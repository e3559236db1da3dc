-- F491: Constraint management
CREATE TABLE t (a INT CONSTRAINT named CHECK (a > 0), CONSTRAINT also_named UNIQUE (a));
SELECT constraint_name FROM information_schema.table_constraints WHERE table_schema = 'conformance' AND table_name = 't' AND constraint_name LIKE '%named' ORDER BY 1;
--> also_named
--> named
