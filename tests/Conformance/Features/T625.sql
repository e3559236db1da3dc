-- T625: LISTAGG
SELECT LISTAGG(a, ',') WITHIN GROUP (ORDER BY a) FROM (VALUES ('b'), ('a')) AS v (a);
--> a,b
