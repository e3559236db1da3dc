-- T491: LATERAL derived table
SELECT x.a, y.b FROM (VALUES (1), (2)) AS x (a), LATERAL (SELECT x.a * 10 AS b) AS y ORDER BY a;
--> 1|10
--> 2|20
