#!/bin/sh
# bench-large.sh [FLAGS]: how a master answers over ROWS (10,000,000) batches: loads
# them into a private MariaDB below .cache, once, and measures lists, single batches,
# why, and scheduling while people look. The flags are those of `bin/bench large -help`.
# 10,000,000 rows take some 12 GB of disk and a quarter of an hour; they stay for the
# next run until `scripts/bench-large.sh drop`.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/.."
rows=${ROWS:-10000000}
dir=${CAPRI_LARGE_DIR:-${CAPRI_TEST_DIR:-.cache}/mariadb-large}
started=

if [ "${1:-}" = drop ]; then
  sh "$here/mariadb.sh" stop "$dir"
  rm -rf "$dir"
  exit
fi
finish() {
  if [ -n "$started" ]; then sh "$here/mariadb.sh" stop "$dir"; fi
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

sh "$here/mariadb.sh" dsn "$dir" >/dev/null 2>&1 || started=yes
# As large as a server of its own would have it: a quarter of the memory there is, 4 GiB at most.
pool=$(awk '/^MemAvailable/ {n = int($2 / 4 / 1024); print (n > 4096) ? 4096 : n}' /proc/meminfo)
MARIADB_OPTIONS="innodb-buffer-pool-size = ${pool}M
innodb-log-file-size = 1G
innodb-sort-buffer-size = 64M"
export MARIADB_OPTIONS
LARGE_DSN=$(sh "$here/mariadb.sh" start "$dir")capri_large
export LARGE_DSN

sql() {
  mariadb --defaults-file="$dir/client.cnf" --batch --skip-column-names "$@"
}

# load: tasks through the API, history by SQL. A crash halfway loses nothing that
# cannot be loaded again, so commits need not reach the disk.
load() {
  sql -e "DROP DATABASE IF EXISTS capri_large; CREATE DATABASE capri_large CHARACTER SET utf8mb4"
  bin/bench large prepare
  sql -e "SET GLOBAL innodb_flush_log_at_trx_commit = 0"
  echo "loading $rows batches" >&2
  begin=$(date +%s)
  {
    echo "SET @rows := $rows, @stop := FLOOR(UNIX_TIMESTAMP() / 86400) * 86400000;"
    cat "$here/bench-large.sql"
  } | sql capri_large >/dev/null
  echo "loaded in $(($(date +%s) - begin)) s" >&2
  sql -e "SET GLOBAL innodb_flush_log_at_trx_commit = 1"
}

CGO_ENABLED=0 go build -o bin/bench ./bench
[ "$(sql -e 'SELECT wanted FROM capri_large.large_loaded' 2>/dev/null)" = "$rows" ] || load
bin/bench large measure "$@"
