-- F865: dynamic <offset row count> in <result offset clause>
SELECT a FROM (VALUES (1), (2), (3)) AS v (a) ORDER BY a OFFSET (SELECT 2) ROWS;
--> 3
