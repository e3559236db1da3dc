"""psycopg2 (libpq, simple protocol): parameters, types, transactions, errors, COPY, notifications."""
import datetime, decimal, io, os, select
import psycopg2

db = psycopg2.connect("")
assert db.server_version >= 150000
cur = db.cursor()
cur.execute("create table py_t(id int primary key, t text, n numeric(10,2), b bytea, ts timestamptz, d date, f float8, ok bool, j jsonb)")
now = datetime.datetime(2024, 2, 29, 12, 0, 0, 123456, tzinfo=datetime.timezone.utc)
row = (1, "né'\\", decimal.Decimal("12.50"), b"\x00\xff", now, datetime.date(2024, 2, 29), 0.1, True)
cur.execute("insert into py_t values (%s,%s,%s,%s,%s,%s,%s,%s,%s)", row + ('{"a": 1}',))
cur.execute("insert into py_t(id) values (%s)", (2,))
db.commit()
cur.execute("select * from py_t order by id")
got = cur.fetchall()
assert (got[0][0], got[0][1], got[0][2], bytes(got[0][3]), got[0][4], got[0][5], got[0][6], got[0][7], got[0][8]) == row + ({"a": 1},), got[0]
assert got[1][1:] == (None,) * 8, got[1]
assert [c.name for c in cur.description][:3] == ["id", "t", "n"]
assert cur.description[2].precision == 10 and cur.description[2].scale == 2

try:
    cur.execute("insert into py_t(id) values (1)")
    raise AssertionError("a duplicate key went in")
except psycopg2.errors.UniqueViolation as e:
    assert e.pgcode == "23505" and e.diag.constraint_name == "py_t_pkey" and "(id)=(1)" in e.diag.message_detail
try:
    cur.execute("select 1")
    raise AssertionError("a failed transaction went on")
except psycopg2.errors.InFailedSqlTransaction:
    db.rollback()

cur.execute("update py_t set t = %s where id = %s", ("x", 2))
assert cur.rowcount == 1
db.rollback()
cur.execute("select t from py_t where id = 2")
assert cur.fetchone() == (None,)

named = db.cursor("py_cursor")
named.itersize = 1
named.execute("select id from py_t order by id")
assert [r[0] for r in named] == [1, 2]
named.close()
db.commit()

cur.execute("create table py_copy(a int, b text)")
cur.copy_expert("copy py_copy from stdin", io.StringIO("1\tx\n2\t\\N\n"))
out = io.StringIO()
cur.copy_expert("copy py_copy to stdout with csv", out)
assert out.getvalue() == "1,x\n2,\n", out.getvalue()
db.commit()

db.autocommit = True
cur.execute("listen py_channel")
other = psycopg2.connect("")
other.autocommit = True
other.cursor().execute("notify py_channel, 'hello'")
assert select.select([db], [], [], 5)[0]
db.poll()
assert db.notifies.pop().payload == "hello"

cur.execute("drop table py_t")
cur.execute("drop table if exists py_nosuch")
assert any("does not exist, skipping" in n for n in db.notices), db.notices
print("ok")
