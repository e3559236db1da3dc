-- F111-03: REPEATABLE READ isolation level
START TRANSACTION ISOLATION LEVEL REPEATABLE READ;
SHOW transaction_isolation;
--> repeatable read
COMMIT;
