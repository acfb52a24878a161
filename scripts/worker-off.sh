#!/bin/sh
#: worker-off.sh HOST --reason TEXT [--for LONG | --until TIME] [OPTION...]
#: Switches a worker off: it finishes what it runs and gets nothing new, until it is
#: switched on or until the end that is given.
#:
#:   --reason TEXT    kept with it and shown
#:   --for LONG       on again by itself after 90m, 2h
#:   --until TIME     on again by itself at 2015-05-18T08:00
#:   --yes            do not ask when it is the last worker that is on
#:   --config FILE    a master's configuration: when no master answers, the database that it
#:                    names is used (else CAPRI_DB_CONFIG; a running or stopped capri dev:
#:                    --data-dir DIR or CAPRI_DATA_DIR)
#:   --database DSN   the same by a data source, or the path of a SQLite file
#:   --addr URL, --token-file FILE, --data-dir DIR, -o FORMAT   as for capri
#:   -n, --dry-run    print what would be run, and run nothing
#:   -h, --help       this
#:
#: The binary is $CAPRI_BIN, ../bin/capri beside this script, or that of PATH. Exit codes
#: are those of capri: 0 done, 2 usage, 3 no such worker, 4 not allowed, 5 conflict,
#: 7 neither a master nor a database.
set -eu
here=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
# shellcheck source=scripts/worker-lib.sh
. "$here/worker-lib.sh"
main off "$@"
