-- T053: Explicit aliases for all-fields reference
SELECT x.* AS (c, d) FROM (VALUES (1, 2)) AS x (a, b);
--> 1|2
