-- F850: Top-level <order by clause> in <query expression>
SELECT a FROM (VALUES (2), (1)) AS v (a) UNION ALL SELECT 0 ORDER BY a;
--> 0
--> 1
--> 2
