#!/bin/sh
# bench.sh [FLAGS]: measures against the raw parts, on SQLite, on a private MariaDB
# and on a private HDFS, which are started when TEST_MYSQL_DSN and TEST_HDFS name
# no servers. The flags are those of `go run ./bench -help`.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/.."
database=${CAPRI_TEST_DIR:-.cache}/mariadb
hdfs=${CAPRI_TEST_DIR:-.cache}/hdfs
started=
finish() {
  case $started in *mariadb*) sh "$here/mariadb.sh" stop "$database" || true ;; esac
  case $started in *hdfs*) sh "$here/dev-hdfs.sh" stop "$hdfs" || true ;; esac
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

if [ -z "${TEST_MYSQL_DSN:-}" ]; then
  sh "$here/mariadb.sh" dsn "$database" >/dev/null 2>&1 || started="$started mariadb"
  TEST_MYSQL_DSN=$(sh "$here/mariadb.sh" start "$database")
fi
if [ -z "${TEST_HDFS:-}" ]; then
  sh "$here/dev-hdfs.sh" running "$hdfs" || started="$started hdfs"
  TEST_HDFS=$(sh "$here/dev-hdfs.sh" start "$hdfs")
fi
export TEST_MYSQL_DSN TEST_HDFS
CGO_ENABLED=0 go build -o bin/bench ./bench
bin/bench "$@"
