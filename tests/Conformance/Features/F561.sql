-- F561: Full value expressions
SELECT 1 IN (2 - 1, 5), 'a' LIKE lower('A'), 3 BETWEEN 1 + 1 AND 2 * 2;
--> t|t|t
