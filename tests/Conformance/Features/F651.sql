-- F651: Catalog name qualifiers
SELECT count(*) >= 0 FROM pg_catalog.pg_class;
--> t
