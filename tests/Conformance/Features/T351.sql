-- T351: Bracketed comments
SELECT 1 /* a comment /* nested */ */ + 1;
--> 2
