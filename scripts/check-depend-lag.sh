#!/bin/sh
#: check-depend-lag.sh [OPTION...]
#: Says how long ago dependencies were last looked at. Changes nothing.
#:
#:   --warning TIME   longer is too long; else 5m
#:   --critical TIME  longer is far too long; else 10m
#:   --nagios         end with 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN
#:   --addr URL, --context NAME, --token-file FILE, --ca FILE, --data-dir DIR, -o FORMAT   as for capri
#:   -n, --dry-run    print what would be run, and run nothing
#:   -h, --help       this
#:
#: The binary is $CAPRI_BIN, ../bin/capri beside this script, or that of PATH. Without
#: --nagios exit codes are those of capri: 0 all is well, 1 it is not, 2 usage, 4 not
#: allowed, 7 no master.
set -eu
here=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
# shellcheck source=scripts/admin-lib.sh
. "$here/admin-lib.sh"
check_by dependencies "$@"
