-- F304: EXCEPT ALL table operator
VALUES (1), (1), (2) EXCEPT ALL VALUES (1), (3) ORDER BY 1;
--> 1
--> 2
