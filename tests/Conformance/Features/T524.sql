-- T524: Named arguments in routine invocations other than a CALL statement
CREATE FUNCTION minus(x INT, y INT) RETURNS INT RETURN x - y;
SELECT minus(y => 1, x => 5);
--> 4
