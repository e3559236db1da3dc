-- T041-01: BLOB data type
CREATE TABLE t (a BLOB(1000));
