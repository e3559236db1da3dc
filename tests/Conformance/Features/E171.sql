-- E171: SQLSTATE support
SELECT 1 / 0;
--! 22012
SELECT nothing;
--! 42703
SELEC 1;
--! 42601
SELECT * FROM nowhere;
--! 42P01
