-- F863: Nested <result offset clause> in <query expression>
(VALUES (1), (2) ORDER BY 1 OFFSET 1 ROW) UNION ALL VALUES (3) ORDER BY 1;
--> 2
--> 3
