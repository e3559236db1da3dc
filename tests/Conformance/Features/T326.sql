-- T326: Table functions
CREATE FUNCTION rows_to(n INT) RETURNS TABLE (a INT) LANGUAGE SQL AS 'SELECT g FROM generate_series(1, n) AS g';
SELECT sum(a) FROM TABLE(rows_to(3)) AS t;
--> 6
SELECT sum(a) FROM rows_to(4);
--> 10
