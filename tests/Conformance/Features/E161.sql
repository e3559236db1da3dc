-- E161: SQL comments using leading double minus
SELECT 1 -- a comment
  + 1; -- and another
--> 2
-- nothing but a comment
SELECT '-- no comment';
--> -- no comment
