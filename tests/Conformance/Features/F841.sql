-- F841: LIKE_REGEX predicate
SELECT 'abc' LIKE_REGEX '^a.c$';
--> t
