-- E061-05: LIKE predicate: ESCAPE clause
SELECT 'a%c' LIKE 'a!%c' ESCAPE '!', 'abc' LIKE 'a!%c' ESCAPE '!';
--> t|f
SELECT 'a' LIKE 'a' ESCAPE 'xy';
--! 22025
