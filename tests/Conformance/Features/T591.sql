-- T591: UNIQUE constraints of possibly null columns
CREATE TABLE t (a INT UNIQUE);
INSERT INTO t VALUES (NULL), (NULL), (1);
INSERT INTO t VALUES (1);
--! 23505
