-- F858: <fetch first clause> in subqueries
SELECT count(*) FROM (VALUES (1), (2), (3) FETCH NEXT 2 ROWS ONLY) AS x;
--> 2
