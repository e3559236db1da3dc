-- F641: Row and table constructors
SELECT (1, 2) = (1, 2), ROW(1, 2) < ROW(1, 3);
--> t|t
SELECT * FROM (VALUES (1, 'a'), (2, 'b')) AS v (a, b) ORDER BY a;
--> 1|a
--> 2|b
