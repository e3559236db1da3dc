-- F855: Nested <order by clause> in <query expression>
(SELECT 2 AS a UNION ALL SELECT 1 ORDER BY a FETCH FIRST ROW ONLY) UNION ALL SELECT 5 ORDER BY a;
--> 1
--> 5
