-- E141-08: NOT NULL inferred on PRIMARY KEY
CREATE TABLE t (a INT, b INT, PRIMARY KEY (a));
INSERT INTO t (b) VALUES (1);
--! 23502
SELECT is_nullable FROM information_schema.columns WHERE table_schema = 'conformance' AND table_name = 't' ORDER BY ordinal_position;
--> NO
--> YES
