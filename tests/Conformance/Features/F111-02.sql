-- F111-02: READ COMMITTED isolation level
START TRANSACTION ISOLATION LEVEL READ COMMITTED;
SHOW transaction_isolation;
--> read committed
COMMIT;
