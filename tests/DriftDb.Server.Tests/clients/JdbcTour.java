import java.math.BigDecimal;
import java.sql.*;

/** The JDBC driver: extended protocol, server-side prepare after five runs, batches, cursors by fetch size, savepoints, COPY. */
class JdbcTour {
    static void check(boolean holds, String what) {
        if (!holds) throw new AssertionError(what);
    }

    public static void main(String[] args) throws Exception {
        String url = "jdbc:postgresql://127.0.0.1:" + System.getenv("PGPORT") + "/driftdb?user=driftdb&password=driftdb";
        try (Connection db = DriverManager.getConnection(url); Statement s = db.createStatement()) {
            check(db.getMetaData().getDatabaseProductName().equals("PostgreSQL"), "product name");
            s.execute("create table jdbc_t(id int primary key, t text, n numeric(10,2), l bigint, d date, ts timestamp, ok boolean, b bytea)");
            try (PreparedStatement p = db.prepareStatement("insert into jdbc_t values (?,?,?,?,?,?,?,?)")) {
                for (int i = 0; i < 20; i++) {
                    p.setInt(1, i);
                    p.setString(2, "né" + i);
                    p.setBigDecimal(3, new BigDecimal("12.50"));
                    p.setLong(4, 1L << 40);
                    p.setDate(5, Date.valueOf("2024-02-29"));
                    p.setTimestamp(6, Timestamp.valueOf("2024-02-29 12:34:56.789"));
                    p.setBoolean(7, i % 2 == 0);
                    p.setBytes(8, new byte[] { 0, (byte) 255 });
                    p.addBatch();
                }
                for (int n : p.executeBatch()) check(n == 1, "batch");
            }

            // More than five runs: the driver prepares on the server and asks for binary results.
            try (PreparedStatement p = db.prepareStatement("select * from jdbc_t where id = ?")) {
                for (int i = 0; i < 10; i++) {
                    p.setInt(1, i);
                    try (ResultSet r = p.executeQuery()) {
                        check(r.next() && r.getString(2).equals("né" + i), "text");
                        check(r.getBigDecimal(3).equals(new BigDecimal("12.50")) && r.getLong(4) == 1L << 40, "numbers");
                        check(r.getDate(5).toString().equals("2024-02-29") && r.getTimestamp(6).toString().equals("2024-02-29 12:34:56.789"), "times");
                        check(r.getBoolean(7) == (i % 2 == 0) && r.getBytes(8).length == 2, "bool and bytes");
                        check(!r.next(), "one row");
                    }
                }
            }

            db.setAutoCommit(false);
            try (PreparedStatement p = db.prepareStatement("select id from jdbc_t order by id")) {
                p.setFetchSize(7); // a portal, suspended twice
                try (ResultSet r = p.executeQuery()) {
                    int n = 0;
                    while (r.next()) check(r.getInt(1) == n++, "order");
                    check(n == 20, "all rows");
                }
            }

            Savepoint savepoint = db.setSavepoint();
            try {
                s.executeUpdate("insert into jdbc_t(id) values (1)");
                throw new AssertionError("a duplicate key went in");
            } catch (SQLException e) {
                check(e.getSQLState().equals("23505"), e.getSQLState());
                db.rollback(savepoint);
            }
            check(s.executeUpdate("update jdbc_t set t = null where id < 3") == 3, "update count");
            db.rollback();
            db.setAutoCommit(true);
            try (ResultSet r = s.executeQuery("select count(t) from jdbc_t")) {
                check(r.next() && r.getInt(1) == 20, "rolled back");
            }

            org.postgresql.copy.CopyManager copy = ((org.postgresql.PGConnection) db).getCopyAPI();
            s.execute("create table jdbc_copy(a int, b text)");
            check(copy.copyIn("copy jdbc_copy from stdin", new java.io.StringReader("1\tx\n2\t\\N\n")) == 2, "copy in");
            java.io.StringWriter out = new java.io.StringWriter();
            copy.copyOut("copy jdbc_copy to stdout", out);
            check(out.toString().equals("1\tx\n2\t\\N\n"), out.toString());
        }
        System.out.println("ok");
    }
}
