-- F841: LIKE_REGEX predicate
SELECT 'abc' LIKE_REGEX '^a.c$';
--> t
SELECT 'ABC' LIKE_REGEX 'b', 'ABC' LIKE_REGEX 'b' FLAG 'i', 'ABC' NOT LIKE_REGEX 'x', 'a.c' LIKE_REGEX '.c' FLAG 'q';
--> f|t|t|t
SELECT U&'a\000Ab' LIKE_REGEX 'a.b', U&'a\000Ab' LIKE_REGEX 'a.b' FLAG 's', U&'a\000Ab' LIKE_REGEX '^b' FLAG 'm', U&'a\000Ab' LIKE_REGEX '^b';
--> f|t|t|f
SELECT 'a' LIKE_REGEX '(';
--! 2201B
SELECT 'a' LIKE_REGEX 'a' FLAG 'w';
--! 2201T
