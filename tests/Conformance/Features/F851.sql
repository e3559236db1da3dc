-- F851: <order by clause> in subqueries
SELECT a FROM (SELECT a FROM (VALUES (2), (1), (3)) AS v (a) ORDER BY a DESC FETCH FIRST 2 ROWS ONLY) AS x ORDER BY a;
--> 2
--> 3
