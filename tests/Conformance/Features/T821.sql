-- T821: Basic SQL/JSON query operators
SELECT JSON_VALUE('{"a": 5}', '$.a'), JSON_EXISTS('{"a": 5}', '$.b');
--> 5|f
