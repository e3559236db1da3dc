-- T341: Overloading of SQL-invoked functions and SQL-invoked procedures
CREATE FUNCTION f(a INT) RETURNS VARCHAR(10) RETURN 'int';
CREATE FUNCTION f(a VARCHAR(10)) RETURNS VARCHAR(10) RETURN 'text';
SELECT f(1), f(CAST('x' AS VARCHAR(10)));
--> int|text
