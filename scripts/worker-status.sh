#!/bin/sh
#: worker-status.sh [HOST] [OPTION...]
#: Shows all workers, or one with what is on it. Changes nothing.
#:
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
main status "$@"
