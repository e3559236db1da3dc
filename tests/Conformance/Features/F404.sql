-- F404: Range variable for common column names
SELECT j.a FROM (VALUES (1)) AS x (a) JOIN (VALUES (1)) AS y (a) USING (a) AS j;
--> 1
