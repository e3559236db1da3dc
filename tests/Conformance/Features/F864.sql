-- F864: Top-level <result offset clause> in views
CREATE VIEW v AS VALUES (1), (2) ORDER BY 1 OFFSET 1 ROW;
SELECT * FROM v;
--> 2
