-- E031-03: Trailing underscore
CREATE TABLE t_ (a_ INT, b__ INT);
INSERT INTO t_ (a_, b__) VALUES (1, 2);
SELECT a_, b__ FROM t_;
--> 1|2
