-- T041-02: CLOB data type
CREATE TABLE t (a CLOB(1000));
