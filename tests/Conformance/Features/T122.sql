-- T122: WITH (excluding RECURSIVE) in subquery
SELECT * FROM (WITH x AS (SELECT 1 AS a) SELECT a FROM x) AS s;
--> 1
