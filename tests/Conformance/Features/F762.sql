-- F762: CURRENT_CATALOG
SELECT CURRENT_CATALOG = current_database();
--> t
