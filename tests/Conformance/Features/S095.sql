-- S095: Array constructors by query
SELECT ARRAY(SELECT a FROM (VALUES (2), (1)) AS v (a) ORDER BY a);
--> {1,2}
