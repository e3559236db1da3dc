-- E071-05: Columns combined via table operators need not have exactly the same data type
SELECT 1 UNION SELECT 1.5 UNION SELECT 2E0 ORDER BY 1;
--> 1
--> 1.5
--> 2
SELECT CAST('a' AS CHAR(3)) UNION SELECT CAST('bcdef' AS VARCHAR(5)) ORDER BY 1 DESC;
--> bcdef
--> a  
SELECT 1 UNION SELECT DATE '2020-01-01';
--! 42804
