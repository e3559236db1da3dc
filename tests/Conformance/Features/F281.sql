-- F281: LIKE enhancements
CREATE TABLE t (a VARCHAR(10), b VARCHAR(10));
INSERT INTO t VALUES ('abc', 'a%'), ('xyz', 'a%');
SELECT a FROM t WHERE a LIKE b;
--> abc
SELECT a FROM t WHERE a || 'x' LIKE '%' || 'cx';
--> abc
