-- T501: Enhanced EXISTS predicate
SELECT EXISTS (SELECT 1, 2), EXISTS (SELECT * FROM (VALUES (1, 2)) AS v);
--> t|t
