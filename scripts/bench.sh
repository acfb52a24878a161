#!/bin/sh
# bench.sh [FLAGS]: measures against the raw parts, on SQLite and on a private
# MariaDB, which is started when TEST_MYSQL_DSN names no server. The flags are
# those of `go run ./bench -help`.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/.."
database=${CAPRI_TEST_DIR:-.cache}/mariadb
started=
finish() {
  if [ -n "$started" ]; then
    sh "$here/mariadb.sh" stop "$database" || true
  fi
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

if [ -z "${TEST_MYSQL_DSN:-}" ]; then
  sh "$here/mariadb.sh" dsn "$database" >/dev/null 2>&1 || started=yes
  TEST_MYSQL_DSN=$(sh "$here/mariadb.sh" start "$database")
fi
export TEST_MYSQL_DSN
CGO_ENABLED=0 go build -o bin/bench ./bench
bin/bench "$@"
