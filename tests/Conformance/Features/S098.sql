-- S098: ARRAY_AGG
SELECT array_agg(a ORDER BY a DESC) FROM (VALUES (1), (2)) AS v (a);
--> {2,1}
