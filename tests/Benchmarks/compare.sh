#!/bin/bash
# Measures DriftDB beside PostgreSQL 15 and DuckDB, in turns on the same machine, and prints the table of docs/performance.md.
#
#   TPCH=folder tests/Benchmarks/compare.sh [quick] [part ...]        parts: pgbench copy temporal tpch duckdb (default: all; duckdb needs tpch)
#
# TPCH is a folder with TPC-H at scale factor 0.1: schema.sql, indexes.sql, data/*.csv.gz (comma, header), queries/qNN.sql. Without it, no TPC-H.
# Needs psql, pgbench, python3, dotnet, PostgreSQL's server (PGBIN, default /usr/lib/postgresql/15/bin); as root it runs PostgreSQL as user postgres.
# Both servers are started here on 127.0.0.1 with fresh, durable data directories in a temporary folder, which is deleted at the end.
# quick: fewer and shorter runs, a tenth of the updates. Ports: PG_PORT (default 55432), DRIFT_PORT (55433).
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd); root=$(cd "$here/../.." && pwd)
quick=; [ "${1:-}" = quick ] && { quick=1; shift; }
parts=" ${*:-pgbench copy temporal tpch duckdb} "
PGBIN=${PGBIN:-/usr/lib/postgresql/15/bin}; PG_PORT=${PG_PORT:-55432}; DRIFT_PORT=${DRIFT_PORT:-55433}; TPCH=${TPCH:-}
if [ "$quick" ]; then rounds=3 seconds=3 scale=5 copyRows=300000 transactions=1000 queryRuns=5; else rounds=5 seconds=8 scale=10 copyRows=1000000 transactions=10000 queryRuns=9; fi
work=$(mktemp -d); chmod 755 "$work"; mkdir "$work/pg" "$work/drift"; drift_pid=
as_postgres() { if [ "$(id -u)" = 0 ]; then (cd / && runuser -u postgres -- "$@"); else "$@"; fi; }
stop() {
  [ -z "$drift_pid" ] || { kill "$drift_pid" 2>/dev/null || true; wait "$drift_pid" 2>/dev/null || true; }; drift_pid=
  as_postgres "$PGBIN/pg_ctl" -D "$work/pg" -m fast -w stop >/dev/null 2>&1 || true
}
trap 'code=$?; [ $code = 0 ] || tail -n 40 "$work/drift.log" >&2; stop; rm -rf "$work"' EXIT
note() { echo "$(date +%H:%M:%S) $*" >&2; }
has() { [[ $parts == *" $1 "* ]]; }

# ---- the servers ----
[ -n "${NO_BUILD:-}" ] || dotnet build -c Release -v q -nologo "$root/server/DriftDb.Server" >&2
[ "$(id -u)" != 0 ] || chown postgres "$work/pg"
as_postgres "$PGBIN/initdb" -D "$work/pg" -U postgres --auth=trust -E UTF8 --locale=C >/dev/null
as_postgres "$PGBIN/pg_ctl" -D "$work/pg" -w -l "$work/pg/log" -o "-p $PG_PORT -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c shared_buffers=512MB -c fsync=on -c synchronous_commit=on -c max_wal_size=4GB" start >/dev/null
dotnet "$root/server/DriftDb.Server/bin/Release/net10.0/driftdb.dll" serve --data-path "$work/drift" --listen "127.0.0.1:$DRIFT_PORT" --auth trust >"$work/drift.log" 2>&1 & drift_pid=$!
export PGHOST=127.0.0.1 PGCONNECT_TIMEOUT=5
on() { # on pg|drift COMMAND …: the command with that server's environment
  if [ "$1" = pg ]; then shift; PGPORT=$PG_PORT PGUSER=postgres PGDATABASE=postgres "$@"; else shift; PGPORT=$DRIFT_PORT PGUSER=driftdb PGDATABASE=driftdb "$@"; fi
}
for _ in $(seq 100); do on drift psql -XAtc 'select 1' >/dev/null 2>&1 && break; sleep 0.2; done
note "PostgreSQL $(on pg psql -XAtc 'show server_version'), DriftDB as built, $(nproc) cores"
median() { sort -n | awk '{v[NR]=$1} END {print NR%2 ? v[(NR+1)/2] : (v[NR/2]+v[NR/2+1])/2}'; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN {printf "%.2f", a/b}'; }
row() { echo "| $1 | $2 | $3 | $4 | $5 |" | tee -a "$work/table"; }   # what, DriftDB, the other, ratio, target
echo '| what | DriftDB | beside | ratio | target |'; echo '|---|---|---|---|---|'
tps() { on "$1" pgbench -n "${@:2}" 2>>"$work/errors" | awk '/^tps/ {print $3}'; }
# The median time of a statement, ms, after two runs to warm up: time_query SYSTEM FILE
once() { on "$1" psql -X -q -o /dev/null -c '\timing on' -f "$2" 2>>"$work/errors" | awk '/^Time/ {t+=$2} END {print t}'; }

if has pgbench; then
  note "pgbench, scale $scale"
  for s in pg drift; do on $s pgbench -i -q -s $scale >/dev/null 2>&1; done
  for mode in prepared simple tpcb; do
    case $mode in tpcb) options=(-M prepared -c 8 -j 2); name="pgbench TPC-B, durable, prepared, 8 clients, tps"; target="≥ 1.0" ;;
      *) options=(-S -M $mode -c 8 -j 2); name="pgbench -S, $mode, 8 clients, tps"; target="≥ 1.0" ;; esac
    for s in drift pg; do tps $s "${options[@]}" -T 3 >/dev/null; : >"$work/$s.tps"; done
    for _ in $(seq $rounds); do for s in drift pg; do tps $s "${options[@]}" -T $seconds >>"$work/$s.tps"; done; done
    d=$(median <"$work/drift.tps"); p=$(median <"$work/pg.tps"); row "$name" "$(printf %.0f "$d")" "PostgreSQL $(printf %.0f "$p")" "$(ratio "$d" "$p")" "$target"
  done
fi

if has copy; then
  note "copy, $copyRows rows"
  python3 -c "
for i in range(1, $copyRows + 1): print(f'{i}\t{i % 10 + 1}\t{i * 7919 % 100000}\t{\"\":84}')" >"$work/accounts.tsv"
  for s in drift pg; do : >"$work/$s.ms"; done
  for r in $(seq 3); do for s in drift pg; do
    on $s psql -X -q -c 'drop table if exists copied' -c 'create table copied (aid int not null primary key, bid int, abalance int, filler char(84))' 2>/dev/null
    on $s psql -X -q -c '\timing on' -c "\\copy copied from '$work/accounts.tsv'" | awk '/^Time/ {print $2}' >>"$work/$s.ms"
  done; done
  for s in drift pg; do on $s psql -X -q -c 'drop table copied'; done
  d=$(median <"$work/drift.ms"); p=$(median <"$work/pg.ms")
  row "\\copy into a table like pgbench_accounts, rows/s" "$(awk "BEGIN {printf \"%.0f\", $copyRows/$d*1000}")" "PostgreSQL $(awk "BEGIN {printf \"%.0f\", $copyRows/$p*1000}")" "$(ratio "$p" "$d")" "≥ 0.5"
  rm "$work/accounts.tsv"
fi

if has temporal; then
  note "history: $((transactions * 100)) updates in transactions of 100"
  on drift psql -X -q -c 'create table accounts (id int primary key, balance bigint not null, owner text not null, status text not null)' \
    -c "insert into accounts select i, i * 7919 % 1000000, 'owner ' || i, 'active' from generate_series(1, 100000) i"
  python3 - >"$work/update100.sql" <<'P'
print("BEGIN;")
for i in range(100): print("\\set i random(1, 100000)\n\\set d random(-100, 100)\nUPDATE accounts SET balance = balance + :d WHERE id = :i;")
print("END;")
P
  on drift pgbench -n -M prepared -c 1 -t $((transactions / 2)) -f "$work/update100.sql" >/dev/null 2>>"$work/errors"
  sleep 0.1; mark=$(on drift psql -XAtc 'select clock_timestamp()'); sleep 0.1
  on drift pgbench -n -M prepared -c 1 -t $((transactions - transactions / 2)) -f "$work/update100.sql" >/dev/null 2>>"$work/errors"
  note "history made"
  past="FOR SYSTEM_TIME AS OF TIMESTAMPTZ '$mark'"
  printf '\\set id random(1, 100000)\nSELECT balance FROM accounts WHERE id = :id;\n' >"$work/now.sql"
  printf '\\set id random(1, 100000)\nSELECT balance FROM accounts %s WHERE id = :id;\n' "$past" >"$work/past.sql"
  for q in now past; do tps drift -M prepared -c 8 -j 2 -T 3 -f "$work/$q.sql" >/dev/null; : >"$work/$q.tps"; done
  for _ in $(seq $rounds); do for q in now past; do tps drift -M prepared -c 8 -j 2 -T $seconds -f "$work/$q.sql" >>"$work/$q.tps"; done; done
  a=$(median <"$work/past.tps"); n=$(median <"$work/now.tps")
  row "point read AS OF half-way, prepared, 8 clients, tps" "$(printf %.0f "$a")" "now $(printf %.0f "$n")" "$(ratio "$a" "$n")" "≥ 0.5"
  echo "SELECT sum(balance) FROM accounts;" >"$work/now.sql"; echo "SELECT sum(balance) FROM accounts $past;" >"$work/past.sql"
  for q in now past; do for _ in 1 2 3 4 5 6 7 8; do once drift "$work/$q.sql" >/dev/null; done; : >"$work/$q.ms"; done
  for _ in $(seq 15); do for q in now past; do once drift "$work/$q.sql" >>"$work/$q.ms"; done; done
  a=$(median <"$work/past.ms"); n=$(median <"$work/now.ms"); row "sum of 100,000 rows AS OF half-way, ms" "$a" "now $n" "$(ratio "$a" "$n")" "≤ 1.5"
fi

if has tpch && [ -n "$TPCH" ]; then
  note "TPC-H, load"
  for s in drift pg; do
    on $s psql -X -q -f "$TPCH/schema.sql"
    for t in region nation supplier customer part partsupp orders lineitem; do gzip -dc "$TPCH/data/$t.csv.gz" | on $s psql -X -q -c "\\copy $t from stdin (format csv, header)"; done
    on $s psql -X -q -f "$TPCH/indexes.sql" -c analyze
  done
  note "TPC-H, queries"
  for q in 1 6 3 9; do
    file=$(printf '%s/queries/q%02d.sql' "$TPCH" $q)
    for s in drift pg; do for _ in 1 2 3; do once $s "$file" >/dev/null; done; : >"$work/$s.ms"; done
    for _ in $(seq $queryRuns); do for s in drift pg; do once $s "$file" >>"$work/$s.ms"; done; done
    d=$(median <"$work/drift.ms"); p=$(median <"$work/pg.ms"); row "TPC-H SF 0.1 Q$q through psql, ms" "$d" "PostgreSQL $p" "$(ratio "$d" "$p")" "(time) ≤ 1.0"
  done
  if has duckdb; then
    note "TPC-H beside DuckDB, embedded"
    stop
    [ -n "${NO_BUILD:-}" ] || dotnet build -c Release -v q -nologo "$here/DriftDb.Benchmarks" >&2
    dotnet "$here/DriftDb.Benchmarks/bin/Release/net10.0/DriftDb.Benchmarks.dll" "$TPCH" "$work/drift" $queryRuns | while IFS='|' read -r _ q d p; do
      case $q in Q1|Q6) target="(time) ≤ 2.0" ;; *) target="–" ;; esac
      row "TPC-H SF 0.1 $q embedded, one thread, ms" "$d" "DuckDB $p" "$(ratio "$d" "$p")" "$target"
    done
  fi
fi
if [ -s "$work/errors" ]; then note "messages of the clients:"; sort "$work/errors" | uniq -c | sort -rn | head -5 >&2; fi
