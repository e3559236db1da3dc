-- F671: Subqueries in CHECK constraints
CREATE TABLE p (a INT);
CREATE TABLE t (a INT CHECK (a IN (SELECT a FROM p)));
INSERT INTO t VALUES (1);
--! 23514
