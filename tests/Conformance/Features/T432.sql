-- T432: Nested and concatenated GROUPING SETS
SELECT count(*) FROM (SELECT 1 FROM (VALUES (1, 2, 3)) AS v (a, b, c) GROUP BY GROUPING SETS ((a), ROLLUP (b, c)), a) AS x;
--> 4
