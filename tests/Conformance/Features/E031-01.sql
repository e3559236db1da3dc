-- E031-01: Delimited identifiers
CREATE TABLE "My table" ("select" INT, "a""b" INT);
INSERT INTO "My table" ("select", "a""b") VALUES (1, 2);
SELECT "select" + "a""b" FROM "My table";
--> 3
SELECT "" FROM "My table";
--! 42601
SELECT select FROM "My table";
--! 42601
