#!/bin/sh
#: check-generation.sh [OPTION...]
#: Says whether batches are missing that tasks should have made. Changes nothing.
#:
#:   --warning N      more than N missing are too many; else 0
#:   --critical N     more than N missing are far too many; else 10
#:   --project NAME   only those of this project
#:   --from TIME      due after: 2026-11-20, 2026-11-20T08:00; else a day ago
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
check_by generation "$@"
