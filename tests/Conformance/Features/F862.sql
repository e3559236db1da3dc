-- F862: <result offset clause> in subqueries
SELECT count(*) FROM (VALUES (1), (2), (3) OFFSET 1 ROWS) AS x;
--> 2
