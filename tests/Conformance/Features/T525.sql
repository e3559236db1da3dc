-- T525: Default values for parameters of SQL-invoked functions
CREATE FUNCTION plus(x INT, y INT DEFAULT 10) RETURNS INT RETURN x + y;
SELECT plus(1), plus(1, 2);
--> 11|3
