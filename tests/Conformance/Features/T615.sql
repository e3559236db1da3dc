-- T615: LEAD and LAG functions
SELECT LAG(a) OVER (ORDER BY a), LEAD(a, 1, 9) OVER (ORDER BY a) FROM (VALUES (1), (2)) AS v (a) ORDER BY a;
--> NULL|2
--> 1|9
