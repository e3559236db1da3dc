-- E141-10: Names in a foreign key can be specified in any order
CREATE TABLE p (a INT, b INT, PRIMARY KEY (a, b));
CREATE TABLE c (x INT, y INT, FOREIGN KEY (x, y) REFERENCES p (b, a));
INSERT INTO p VALUES (1, 2);
INSERT INTO c VALUES (2, 1);
INSERT INTO c VALUES (1, 2);
--! 23503
