-- E021-03: Character literals
SELECT 'abc', '', 'it''s', 'one'
  ' string';
--> abc||it's|one string
SELECT N'national';
--> national
SELECT _UTF8'text';
--> text
SELECT 'unclosed;
--! 42601
