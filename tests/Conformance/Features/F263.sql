-- F263: Comma-separated predicates in simple CASE expression
SELECT CASE 2 WHEN 1, 2, 3 THEN 'in' ELSE 'out' END, CASE 9 WHEN 1, 2, 3 THEN 'in' ELSE 'out' END;
--> in|out
