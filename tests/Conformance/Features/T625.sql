-- T625: LISTAGG
SELECT LISTAGG(a, ',') WITHIN GROUP (ORDER BY a) FROM (VALUES ('b'), ('a')) AS v (a);
--> a,b
SELECT g, LISTAGG(DISTINCT a, '+') WITHIN GROUP (ORDER BY a DESC), LISTAGG(a) WITHIN GROUP (ORDER BY a) FROM (VALUES (1, 'b'), (1, 'a'), (2, NULL), (1, 'b')) AS v (g, a) GROUP BY g ORDER BY g;
--> 1|b+a|abb
--> 2|NULL|NULL
