#!/bin/sh
# test.sh WHAT: runs tests, starting and stopping the MariaDB and HDFS they need.
#   all    gofmt, go vet and every Go test, on SQLite and MariaDB
#   unit   the same without MariaDB, HDFS and real processes
#   mysql  the store's tests on MariaDB
#   hdfs   the tests on a real HDFS
#   e2e    the real binary, on both engines
#   browser  the web console, in a headless Chromium
#   sim    1,000 seeds of the simulated cluster (SIM_SEEDS, SIM_DAYS: other numbers)
# What is missing fails. CAPRI_TEST_SKIP names what may be left out (mysql, hdfs,
# race, mount, netns, browser: separated by commas); the last lines say what ran and what did not.
# TEST_MYSQL_DSN and TEST_HDFS (the namenode's host:port) name servers to use
# instead of private ones.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/.."
what=${1:-all}
database=${CAPRI_TEST_DIR:-.cache}/mariadb
hdfs=${CAPRI_TEST_DIR:-.cache}/hdfs
ran=
left=
failed=
started=

note_left() {
  left="$left
  not run  $1"
}

skipped() {
  case ",${CAPRI_TEST_SKIP:-}," in
    *",$1,"*) return 0 ;;
  esac
  return 1
}

# step NAME COMMAND…: runs a part and remembers how it ended; the others go on.
step() {
  name=$1
  shift
  echo "== $name"
  if "$@"; then
    ran="$ran
  passed   $name"
  else
    failed="$failed
  FAILED   $name"
  fi
}

finish() {
  case $started in *mariadb*) sh "$here/mariadb.sh" stop "$database" || true ;; esac
  case $started in *hdfs*) sh "$here/dev-hdfs.sh" stop "$hdfs" || true ;; esac
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

formatted() {
  files=$(git ls-files --cached --others --exclude-standard -- '*.go' | while read -r file; do
    if [ -f "$file" ]; then echo "$file"; fi
  done | xargs gofmt -l)
  [ -z "$files" ] && return
  echo "not gofmt-ed:"
  echo "$files"
  return 1
}

check_skips() {
  for name in $(echo "${CAPRI_TEST_SKIP:-}" | tr ',' ' '); do
    case $name in
      mysql | hdfs | race | browser) ;;
      mount) note_left "tests of a full disk of the worker (CAPRI_TEST_SKIP)" ;;
      netns) note_left "tests with partitions and broken disks, in network namespaces (CAPRI_TEST_SKIP)" ;;
      *)
        echo "CAPRI_TEST_SKIP names $name; it may name mysql, hdfs, race, mount, netns and browser" >&2
        exit 2
        ;;
    esac
  done
}

# The race detector is C: it needs a compiler, which the product does not.
# SQLite and its C library are machine-made Go that only one connection at a
# time enters: watching their memory too would make tests four times as slow.
choose_race() {
  race="-race -gcflags=modernc.org/sqlite/lib=-race=false -gcflags=modernc.org/libc=-race=false -gcflags=modernc.org/memory=-race=false"
  if skipped race; then
    race=
    note_left "race detector (CAPRI_TEST_SKIP)"
  elif ! command -v "$(go env CC)" >/dev/null 2>&1; then
    echo "the race detector needs a C compiler: install gcc, or set CAPRI_TEST_SKIP=race" >&2
    exit 1
  fi
}

# The public example log of the web-log tests is used if it lies beside the checkout.
choose_log() {
  if [ -z "${CAPRI_WEBLOG_LOG:-}" ] && [ -f ../shared/data/weblog/access.log ]; then
    CAPRI_WEBLOG_LOG=$(cd ../shared/data/weblog && pwd)/access.log
    export CAPRI_WEBLOG_LOG
  fi
  if [ -z "${CAPRI_WEBLOG_LOG:-}" ]; then
    note_left "the web-log example on a real log (CAPRI_WEBLOG_LOG names none; it ran on a generated one)"
  fi
}

# bring_database: sets TEST_MYSQL_DSN, or fails, or says that it was left out.
bring_database() {
  if skipped mysql; then
    unset TEST_MYSQL_DSN
    note_left "tests on MariaDB (CAPRI_TEST_SKIP)"
    return
  fi
  if [ -n "${TEST_MYSQL_DSN:-}" ]; then
    export TEST_MYSQL_DSN
    return
  fi
  sh "$here/mariadb.sh" dsn "$database" >/dev/null 2>&1 || started="$started mariadb"
  if ! TEST_MYSQL_DSN=$(sh "$here/mariadb.sh" start "$database"); then
    echo "no MariaDB for the tests: see above, or set CAPRI_TEST_SKIP=mysql" >&2
    exit 1
  fi
  export TEST_MYSQL_DSN
}

# bring_hdfs: sets TEST_HDFS, or fails, or says that it was left out. Some tests
# start an HDFS of their own, and one a Kerberos server.
bring_hdfs() {
  if skipped hdfs; then
    unset TEST_HDFS
    note_left "tests on HDFS (CAPRI_TEST_SKIP)"
    return
  fi
  sh "$here/dev-kdc.sh" install
  if [ -n "${TEST_HDFS:-}" ]; then
    export TEST_HDFS
    return
  fi
  sh "$here/dev-hdfs.sh" running "$hdfs" || started="$started hdfs"
  if ! TEST_HDFS=$(sh "$here/dev-hdfs.sh" start "$hdfs"); then
    echo "no HDFS for the tests: see above, or set CAPRI_TEST_SKIP=hdfs" >&2
    exit 1
  fi
  export TEST_HDFS
}

# go_test ARGUMENTS…: the flags that every run has.
go_test() {
  # shellcheck disable=SC2086 # without the race detector there is no word
  go test $race -timeout "${TEST_TIMEOUT:-20m}" "$@"
}

# simulated: twenty clusters and a hundred changes of leader without the race detector, under which go test runs some.
simulated() {
  step "20 simulated clusters" go test -timeout "${TEST_TIMEOUT:-20m}" ./master -run 'TestSimulation$|TestSimEverybodyIsTold' -sim.seeds=20
}

# in_browser: the console's tests, or that they were left out.
in_browser() {
  if skipped browser; then
    note_left "tests of the web console in a browser (CAPRI_TEST_SKIP)"
    return
  fi
  step "the web console in a browser" sh "$here/browser.sh"
}

static_checks() {
  step "gofmt" formatted
  step "go vet" go vet ./...
  step "rules and dashboards" go -C tools/promcheck test ./...
}

# bring_tools: the test of the scripts that workers generate, and that of the
# documented calls need them.
bring_tools() {
  sh "$here/package.sh" shellcheck shellcheck ShellCheck shellcheck
  sh "$here/package.sh" curl curl curl curl
}

case $what in all | e2e) note_left "long forms: broken clusters (make test-chaos), simulated weeks (make test-sim), calls made from the OpenAPI document (make fuzz-api)" ;; esac
check_skips
choose_race
case $what in
  all)
    bring_tools
    bring_database
    bring_hdfs
    choose_log
    static_checks
    # Many packages wait as much as they compute: one more at a time than there are processors.
    step "go test" go_test -p "$(($(getconf _NPROCESSORS_ONLN) + 1))" ./...
    simulated
    in_browser
    race=
    step "a simulated cluster twice, exactly the same" go_test -count=1 ./master -run TestSimulation -sim.exact -sim.seeds=1
    ;;
  unit)
    bring_tools
    choose_log
    unset TEST_MYSQL_DSN TEST_HDFS
    export CAPRI_TEST_SKIP="${CAPRI_TEST_SKIP:-},mysql,hdfs"
    static_checks
    # shellcheck disable=SC2046 # a package a word
    step "go test, SQLite only" go_test $(go list ./... | grep -v '/e2e')
    simulated
    note_left "tests on MariaDB (make test-mysql), on HDFS (make test-hdfs) and of real processes (make test-e2e)"
    ;;
  mysql)
    bring_database
    if [ -n "${TEST_MYSQL_DSN:-}" ]; then
      step "the store on MariaDB" go_test -count=1 ./common/store/...
    fi
    ;;
  hdfs)
    bring_database
    bring_hdfs
    if [ -n "${TEST_HDFS:-}" ]; then
      step "data paths" go_test -count=1 ./common/datapath/...
      step "everything else on HDFS" go_test -count=1 -run HDFS ./cli ./e2e ./master/... ./worker/...
      step "the example" go_test -count=1 ./examples/...
    fi
    ;;
  e2e)
    bring_tools
    bring_database
    bring_hdfs
    choose_log
    step "real processes" go_test -count=1 ./e2e/...
    ;;
  browser)
    in_browser
    ;;
  sim)
    # Many seeds and long ones instead of the race detector, which make test has;
    # each in a process that does the same every time, so a failing one replays exactly.
    race=
    TEST_TIMEOUT=${TEST_TIMEOUT:-24h}
    step "${SIM_SEEDS:-1000} simulated clusters, a week each" go_test -count=1 ./master -run TestSimulation -sim.exact -sim.seeds="${SIM_SEEDS:-1000}" -sim.days="${SIM_DAYS:-7}"
    ;;
  *)
    sed -n '2,13s/^# *//p' "$0" >&2
    exit 2
    ;;
esac

echo "== summary$ran$left$failed"
[ -z "$failed" ]
