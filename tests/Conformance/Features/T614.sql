-- T614: NTILE function
SELECT a, NTILE(2) OVER (ORDER BY a) FROM (VALUES (1), (2), (3)) AS v (a) ORDER BY a;
--> 1|1
--> 2|1
--> 3|2
