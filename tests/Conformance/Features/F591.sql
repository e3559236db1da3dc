-- F591: Derived tables
SELECT x.a FROM (SELECT 1 AS a) AS x;
--> 1
SELECT b FROM (SELECT 1, 2) AS x (a, b);
--> 2
