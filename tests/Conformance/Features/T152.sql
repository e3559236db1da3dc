-- T152: DISTINCT predicate with negation
SELECT NULL IS NOT DISTINCT FROM NULL;
--> t
