-- T811: Basic SQL/JSON constructor functions
SELECT JSON_OBJECT('a' VALUE 1, 'b' VALUE 'x'), JSON_ARRAY(1, 'a', NULL NULL ON NULL);
--> {"a" : 1, "b" : "x"}|[1, "a", null]
