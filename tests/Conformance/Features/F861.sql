-- F861: Top-level <result offset clause> in <query expression>
VALUES (1), (2), (3) ORDER BY 1 OFFSET 1 ROW FETCH NEXT 1 ROW ONLY;
--> 2
