-- F271: Compound character literals
SELECT 'one'
' two';
--> one two
