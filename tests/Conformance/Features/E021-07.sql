-- E021-07: Character concatenation
SELECT 'abc' || 'def', 'a' || '' || 'b';
--> abcdef|ab
SELECT 'a' || NULL IS NULL;
--> t
