-- T631: IN predicate with one list element
SELECT 1 IN (1), 2 IN (1), 2 NOT IN (1);
--> t|f|t
