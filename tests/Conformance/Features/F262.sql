-- F262: Extended CASE expression
SELECT CASE 5 WHEN 1, 5 THEN 'a' ELSE 'b' END;
--> a
SELECT CASE 5 WHEN < 3 THEN 'low' WHEN >= 3 THEN 'high' END;
--> high
SELECT CASE a WHEN BETWEEN 1 AND 2, 9 THEN 'x' WHEN IN (3, 4) THEN 'y' WHEN > 5 THEN 'z' END FROM (VALUES (1), (4), (5), (7), (9)) AS v (a) ORDER BY a;
--> x
--> y
--> NULL
--> z
--> x
SELECT CASE WHEN < 3 THEN 'low' END;
--! 42601
