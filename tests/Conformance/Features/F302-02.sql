-- F302-02: INTERSECT ALL table operator
VALUES (1), (1), (2) INTERSECT ALL VALUES (1), (1), (3);
--> 1
--> 1
