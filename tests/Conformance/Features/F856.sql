-- F856: Nested <fetch first clause> in <query expression>
(VALUES (1), (2) FETCH FIRST 1 ROW ONLY) UNION ALL VALUES (3) ORDER BY 1;
--> 1
--> 3
