-- T177: Sequence generator support: simple restart option
CREATE SEQUENCE s;
SELECT nextval('s');
--> 1
ALTER SEQUENCE s RESTART;
SELECT nextval('s');
--> 1
