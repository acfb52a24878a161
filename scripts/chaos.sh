#!/bin/sh
# chaos.sh [ROUNDS] [FLAGS]: breaks clusters of real processes, ROUNDS (500) times, by
# seed, and runs the scenarios that take too long for `make test`. The last lines
# say what was broken, how soon somebody led again, and what was lost or doubled.
#   -chaos.seed=N       makes the same faults again; it is printed first
#   -chaos.masters=N    3 (default) or 5
#   -chaos.parallel=N   clusters side by side, 2
#   -chaos.rate=N       tasks started by hand a second, 8
#   -run REGEXP         some of the tests only, TestChaosRounds for example
# It needs root, for namespaces and loop devices. What explains a failure stays in a
# directory that the failure names, below CAPRI_LAB_DUMP or the directory for temporary files.
set -eu
cd "$(dirname "$0")/.."
rounds=500
case ${1:-} in
  [0-9]*)
    rounds=$1
    shift
    ;;
esac
exec go test -count=1 -timeout 24h -v ./e2e/chaos -chaos.long -chaos.rounds="$rounds" "$@"
