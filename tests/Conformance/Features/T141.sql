-- T141: SIMILAR predicate
SELECT 'abc' SIMILAR TO '(a|b)%', 'abc' NOT SIMILAR TO 'a[xyz]+';
--> t|t
