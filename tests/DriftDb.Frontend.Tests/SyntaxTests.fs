module DriftDb.Frontend.Tests.SyntaxTests

open Expecto
open DriftDb.Frontend

/// Text and what it prints as: the normal form shows how it was understood.
let private cases =
    [ "SELECT a b FROM t x", "SELECT a AS b FROM t AS x"
      "SELECT 1 + 2 * 3 ^ 2, -2 ^ 2", "SELECT 1 + 2 * 3 ^ 2, -2 ^ 2"
      "SELECT (1 + 2) * 3 - (4 - 5)", "SELECT (1 + 2) * 3 - (4 - 5)"
      "SELECT NOT a = b AND c OR d", "SELECT NOT a = b AND c OR d"
      "SELECT a || b LIKE c", "SELECT a || b LIKE c"
      "SELECT x = y IS NULL", "SELECT (x = y) IS NULL"
      "SELECT a != 1", "SELECT a <> 1"
      "SELECT EXTRACT(year FROM d), SUBSTRING(a FROM 1 FOR 2), TRIM(BOTH 'x' FROM y), POSITION('a' IN b)",
      "SELECT pg_catalog.extract('year', d), pg_catalog.substring(a, 1, 2), pg_catalog.btrim(y, 'x'), pg_catalog.position(b, 'a')"
      "SELECT date '2024-01-01', INTERVAL '1' DAY, double precision '1', timestamp with time zone 'now'",
      "SELECT date '2024-01-01', interval '1' DAY, float8 '1', timestamptz 'now'"
      "SELECT x::character varying(3)[], CAST(y AS integer)", "SELECT x::varchar(3)[], CAST(y AS int4)"
      "SELECT E'a\\n\\x41\\u0042', U&'d\\0061t', $$it's$$, 'a'\n 'b'", "SELECT 'a\nAB', 'dat', 'it''s', 'ab'"
      "SELECT \"Q\"\"x\", SELect_1 FROM \"T\"", "SELECT \"Q\"\"x\", select_1 FROM \"T\""
      "SELECT a=-1, a@-1, a*-1, b->-1", "SELECT a = -1, a @- 1, a * -1, b -> -1"
      "SELECT count(*) FILTER (WHERE a), sum(DISTINCT b ORDER BY c), rank() OVER (PARTITION BY x ORDER BY y ROWS 1 PRECEDING)",
      "SELECT count(*) FILTER (WHERE a), sum(DISTINCT b ORDER BY c), rank() OVER (PARTITION BY x ORDER BY y ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)"
      "SELECT 1 UNION SELECT 2 INTERSECT SELECT 3", "SELECT 1 UNION SELECT 2 INTERSECT SELECT 3"
      "(SELECT 1 UNION SELECT 2) INTERSECT SELECT 3", "(SELECT 1 UNION SELECT 2) INTERSECT SELECT 3"
      "TABLE t", "SELECT * FROM t"
      "SELECT * FROM a, b CROSS JOIN c LEFT JOIN d USING (x) JOIN (e JOIN f ON 1 = 1) ON 2 = 2",
      "SELECT * FROM a, b CROSS JOIN c LEFT JOIN d USING (x) JOIN (e JOIN f ON 1 = 1) ON 2 = 2"
      "SELECT * FROM t FETCH FIRST ROW ONLY", "SELECT * FROM t LIMIT 1"
      "SELECT * FROM t FOR SYSTEM_TIME AS OF @seq:5 AS x", "SELECT * FROM t FOR SYSTEM_TIME AS OF @seq:5 AS x"
      "SELECT * FROM t FOR SYSTEM_TIME FROM now() - interval '1' day TO now() x", "SELECT * FROM t FOR SYSTEM_TIME FROM now() - interval '1' DAY TO now() AS x"
      "SELECT * FROM t x FOR SYSTEM_TIME ALL", "SELECT * FROM t FOR SYSTEM_TIME ALL AS x"
      "SELECT * FROM t AS OF @seq:$1", "SELECT * FROM t FOR SYSTEM_TIME AS OF @seq:$1"
      "SELECT * FROM t x AS OF @now WHERE a = \"k\"", "SELECT * FROM t FOR SYSTEM_TIME AS OF @now AS x WHERE a = 'k'"
      "SELECT * FROM t WHERE a=\"x\" AS OF \"@seq:1000\"", "SELECT * FROM t WHERE a = 'x' AS OF @seq:1000"
      "SELECT a AS of FROM t", "SELECT a AS of FROM t"
      "INSERT INTO t (a) VALUES (1), (DEFAULT) ON CONFLICT (a) DO UPDATE SET a = excluded.a RETURNING *",
      "INSERT INTO t (a) VALUES (1), (DEFAULT) ON CONFLICT (a) DO UPDATE SET a = excluded.a RETURNING *"
      "UPDATE t SET (a, b) = (SELECT 1, 2), c = DEFAULT FROM u WHERE t.id = u.id", "UPDATE t SET (a, b) = (SELECT 1, 2), c = DEFAULT FROM u WHERE t.id = u.id"
      "UPDATE t FOR PORTION OF p FROM date '2020-01-01' TO date '2021-01-01' SET a = 1",
      "UPDATE t FOR PORTION OF p FROM date '2020-01-01' TO date '2021-01-01' SET a = 1"
      "MERGE INTO t USING s ON t.id = s.id WHEN MATCHED AND s.x THEN UPDATE SET a = 1 WHEN NOT MATCHED THEN INSERT VALUES (1) WHEN NOT MATCHED BY SOURCE THEN DELETE",
      "MERGE INTO t USING s ON t.id = s.id WHEN MATCHED AND s.x THEN UPDATE SET a = 1 WHEN NOT MATCHED THEN INSERT VALUES (1) WHEN NOT MATCHED BY SOURCE THEN DELETE"
      "copy t (a) from stdin csv header delimiter as '|'", "COPY t (a) FROM STDIN WITH (format = csv, header, delimiter = '|')"
      "SET TIME ZONE 'UTC'", "SET timezone TO 'UTC'"
      "SELECT p OVERLAPS PERIOD(a, b), (a, b) OVERLAPS (c, d), p CONTAINS x + 1",
      "SELECT p OVERLAPS period(a, b), pg_catalog.overlaps(a, b, c, d), p CONTAINS x + 1"
      "SELECT * FROM generate_series(1, 3) WITH ORDINALITY AS g (a, b), f(x) AS (a int, b text)",
      "SELECT * FROM generate_series(1, 3) WITH ORDINALITY AS g(a, b), f(x) AS (a int4, b text)"
      "SELECT a FROM t GROUP BY ROLLUP (a, (b, c)), GROUPING SETS ((), (a)), (x, y)",
      "SELECT a FROM t GROUP BY ROLLUP (a, (b, c)), GROUPING SETS ((), a), (x, y)"
      "SELECT CASE a WHEN < 1, 2, NOT BETWEEN 3 AND 4 THEN b END", "SELECT CASE a WHEN < 1, 2, NOT BETWEEN 3 AND 4 THEN b END"
      "SELECT UNIQUE (SELECT a FROM t), a NOT LIKE_REGEX b FLAG 'i'", "SELECT UNIQUE (SELECT a FROM t), NOT pg_catalog.drift_like_regex(a, b, 'i')"
      "SELECT next, NEXT VALUE FOR a.b, value flag FROM size", "SELECT next, pg_catalog.nextval('\"a\".\"b\"'), value AS flag FROM size"
      "SELECT 1 UNION ALL CORRESPONDING BY (a) SELECT 2 EXCEPT CORRESPONDING SELECT 3", "SELECT 1 UNION ALL CORRESPONDING BY (a) SELECT 2 EXCEPT CORRESPONDING SELECT 3"
      "SELECT * FROM TABLE(f(1)) AS t", "SELECT * FROM f(1) AS t"
      "SET TRANSACTION DIAGNOSTICS SIZE 5, READ ONLY", "SET TRANSACTION DIAGNOSTICS SIZE 5, READ ONLY"
      "ALTER TABLE t DROP PERIOD FOR p CASCADE", "ALTER TABLE t DROP PERIOD FOR p CASCADE"
      "EXPLAIN ANALYZE VERBOSE SELECT 1", "EXPLAIN (analyze, verbose) SELECT 1"
      "CREATE TABLE t (id int PRIMARY KEY, ts timestamptz GENERATED ALWAYS AS ROW START, te timestamptz GENERATED ALWAYS AS ROW END, PERIOD FOR SYSTEM_TIME (ts, te)) WITH SYSTEM VERSIONING",
      "CREATE TABLE t (id int4 PRIMARY KEY, ts timestamptz GENERATED ALWAYS AS ROW START, te timestamptz GENERATED ALWAYS AS ROW END, PERIOD FOR system_time (ts, te)) WITH SYSTEM VERSIONING"
      "ALTER TABLE t ADD COLUMN c DEFAULT \"v\"", "ALTER TABLE t ADD COLUMN c DEFAULT 'v'" ]

let tests =
    testList
        "syntax"
        [ for source, expected in cases do
              test source {
                  let statement = SqlParser.ParseOne source
                  Expect.equal (SqlPrinter.Print statement) expected "normal form"
                  Expect.isNone (CorpusTests.identityFailure statement) "print ∘ parse"
              }
          test "names are cut to 63 bytes, never inside a character" {
              let name = String.replicate 40 "é"

              match SqlParser.ParseExpression name with
              | Expr.Column column -> Expect.equal column.Last (String.replicate 31 "é") "name"
              | other -> failtest $"{other}"
          }
          test "type names" {
              for source, expected in
                  [ "numeric(10, 2)[]", "numeric(10, 2)[]"
                    "\"char\"", "\"char\""
                    "character", "bpchar(1)"
                    "interval day to second(3)", "interval DAY TO SECOND(3)"
                    "time(3) without time zone", "time(3)" ] do
                  Expect.equal (SqlPrinter.PrintType(SqlParser.ParseTypeName source)) expected source
          } ]
