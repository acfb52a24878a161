#!/bin/sh
#: log-of.sh TASK/WORKNO[.RUN] [OPTION...]
#: Prints what a batch has written. Changes nothing.
#:
#:   -f, --follow     go on until the batch is done
#:   --attempt N      that of this attempt; else the last
#:   --tail N         the last N lines
#:   --addr URL, --context NAME, --token-file FILE, --ca FILE, --data-dir DIR   as for capri
#:   -n, --dry-run    print what would be run, and run nothing
#:   -h, --help       this
#:
#: capri batch logs has more: search, times, streams. The binary is $CAPRI_BIN,
#: ../bin/capri beside this script, or that of PATH. Exit codes are those of capri: 0 done,
#: 2 usage, 3 no such batch or nothing written, 7 no master.
set -eu
here=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
# shellcheck source=scripts/admin-lib.sh
. "$here/admin-lib.sh"

words=1 switches='-f --follow' values='--attempt --tail'
act() {
  case $first in
    '') refuse "which batch? TASK/WORKNO, for example dwd_access_d/20150518" ;;
    */*) ;;
    *) refuse "$first is no batch: write TASK/WORKNO, for example dwd_access_d/20150518" ;;
  esac
  run batch logs "$first" "$@"
}
read_args "$@"
