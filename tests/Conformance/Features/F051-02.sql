-- F051-02: TIME data type (including support of TIME literal) with fractional seconds precision of at least 0
CREATE TABLE t (a TIME, b TIME(0), c TIME(3), d TIME WITHOUT TIME ZONE);
INSERT INTO t VALUES (TIME '12:34:56.789', TIME '12:34:56', '12:34:56.7891', TIME '00:00:00');
SELECT a, b, c, d FROM t;
--> 12:34:56.789|12:34:56|12:34:56.789|00:00:00
SELECT TIME '25:00:00';
--! 22008
