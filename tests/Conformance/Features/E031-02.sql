-- E031-02: Lower case identifiers
CREATE TABLE lower_case (abc INT, AbD INT);
INSERT INTO LOWER_CASE (ABC, abd) VALUES (1, 2);
select abc, ABD from Lower_Case;
--> 1|2
