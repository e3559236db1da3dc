-- F857: Top-level <fetch first clause> in <query expression>
VALUES (1), (2), (3) ORDER BY 1 FETCH FIRST 2 ROWS ONLY;
--> 1
--> 2
