-- T325: Qualified SQL parameter references
CREATE FUNCTION f(a INT) RETURNS INT RETURN f.a + 1;
SELECT f(1);
--> 2
