-- F852: Top-level <order by clause> in views
CREATE VIEW v AS SELECT a FROM (VALUES (2), (1)) AS x (a) ORDER BY a;
SELECT * FROM v;
--> 1
--> 2
