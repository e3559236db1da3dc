-- T616: Null treatment option for LEAD and LAG functions
SELECT LAG(a) IGNORE NULLS OVER (ORDER BY k), LAG(a) RESPECT NULLS OVER (ORDER BY k) FROM (VALUES (1, 1), (2, NULL), (3, 3)) AS v (k, a) ORDER BY k;
--> NULL|NULL
--> 1|1
--> 1|NULL
