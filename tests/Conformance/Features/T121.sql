-- T121: WITH (excluding RECURSIVE) in query expression
WITH x AS (SELECT 1 AS a), y (b) AS (SELECT a + 1 FROM x) SELECT a, b FROM x, y;
--> 1|2
