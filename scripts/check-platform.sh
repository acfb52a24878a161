#!/bin/sh
#: check-platform.sh [OPTION...]
#: Looks at masters, leader, workers, duties, database, missing batches and the canary,
#: a task that goes all the way through the platform. Changes nothing.
#:
#: Critical: nobody leads, no database, no majority, no worker, dependencies looked at 10
#: minutes ago, more than 10 batches missing, the canary 20 minutes late. Anything else
#: that is amiss is a warning. Without a canary it says how to set one up.
#:
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
check_by platform "$@"
