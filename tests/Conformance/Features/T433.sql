-- T433: Multiargument GROUPING function
SELECT GROUPING(a, b) FROM (VALUES (1, 2)) AS v (a, b) GROUP BY GROUPING SETS ((a), (b)) ORDER BY 1;
--> 1
--> 2
