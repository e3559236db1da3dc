-- F860: dynamic <fetch first row count> in <fetch first clause>
SELECT a FROM (VALUES (1), (2), (3)) AS v (a) ORDER BY a FETCH FIRST (SELECT 2) ROWS ONLY;
--> 1
--> 2
