#!/bin/sh
# bench-console.sh: measures the web console against its budgets, in a headless Chromium
# (installed when missing) with a `capri dev` behind it, over a private MariaDB below .cache
# with thirty days of 100,000 batches. What is over its budget, or could not be measured, ends it with 1.
# The batches are loaded on the first run of a day, in some minutes, take 2 GB of disk and stay until
# `scripts/bench-console.sh drop`. CAPRI_CHROMIUM names another browser, FLAGS are those of vitest: `-t list`.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/.."
mkdir -p "${CAPRI_TEST_DIR:-.cache}/console-bench"
CONSOLE_DIR=$(cd "${CAPRI_TEST_DIR:-.cache}/console-bench" && pwd)
export CONSOLE_DIR
database=$CONSOLE_DIR/mariadb
started=

if [ "${1:-}" = drop ]; then
  sh "$here/mariadb.sh" stop "$database"
  rm -rf "$CONSOLE_DIR"
  exit
fi
finish() {
  if [ -n "$started" ]; then sh "$here/mariadb.sh" stop "$database"; fi
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

if [ -z "${CAPRI_CHROMIUM:-}" ]; then
  sh "$here/package.sh" chromium "chromium fonts-noto-cjk" "chromium google-noto-sans-cjk-fonts" "chromium font-noto-cjk"
  CAPRI_CHROMIUM=$(command -v chromium)
  export CAPRI_CHROMIUM
fi
sh "$here/console.sh" build
CGO_ENABLED=0 go build -o bin/capri-browser .
CAPRI_BIN=$PWD/bin/capri-browser
export CAPRI_BIN

sh "$here/mariadb.sh" dsn "$database" >/dev/null 2>&1 || started=yes
# As large as a server of its own would have it: a quarter of the memory there is, 4 GiB at most.
pool=$(awk '/^MemAvailable/ {n = int($2 / 4 / 1024); print (n > 4096) ? 4096 : n}' /proc/meminfo)
MARIADB_OPTIONS="innodb-buffer-pool-size = ${pool}M
innodb-log-file-size = 512M
innodb-sort-buffer-size = 64M"
export MARIADB_OPTIONS
CONSOLE_DSN=$(sh "$here/mariadb.sh" start "$database")
export CONSOLE_DSN
cd master/console/web
npx vitest run --config bench/vitest.config.ts "$@"
