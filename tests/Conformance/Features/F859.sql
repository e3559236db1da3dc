-- F859: Top-level <fetch first clause> in views
CREATE VIEW v AS VALUES (1), (2) ORDER BY 1 FETCH FIRST ROW ONLY;
SELECT * FROM v;
--> 1
