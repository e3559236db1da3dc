-- F262: Extended CASE expression
SELECT CASE 5 WHEN 1, 5 THEN 'a' ELSE 'b' END;
--> a
SELECT CASE 5 WHEN < 3 THEN 'low' WHEN >= 3 THEN 'high' END;
--> high
