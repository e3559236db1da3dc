-- T551: Optional key words for default syntax
SELECT DISTINCT 1 UNION DISTINCT SELECT 1;
--> 1
