-- T132: Recursive query in subquery
SELECT (WITH RECURSIVE r (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM r WHERE n < 5) SELECT max(n) FROM r);
--> 5
