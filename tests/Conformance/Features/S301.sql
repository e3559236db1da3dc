-- S301: Enhanced UNNEST
SELECT a, n FROM UNNEST(ARRAY['x', 'y']) WITH ORDINALITY AS u (a, n) ORDER BY n;
--> x|1
--> y|2
