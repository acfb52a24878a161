#!/bin/sh
#: rerun.sh TASK[,TASK...] A..B --reason TEXT [OPTION...]
#: Makes batches again, with what was made from them: shows the plan, asks, and does what
#: was shown.
#:
#:   TASK             its name, or several separated by commas
#:   A..B             work numbers, both included: 20150518..20150521
#:   --reason TEXT    kept with it and shown
#:   --cascade WHAT   none, data, logic or all: which descendants, too
#:   --mode MODE      all, failed or missing
#:   --exclude A,B    leave tasks, or batches as TASK/WORKNO, out
#:   --watch          follow it to its end: exit code 20 when batches failed
#:   --timeout TIME   with --watch: give up after it, for example 2h: exit code 8
#:   --yes            do not ask
#:   --addr URL, --context NAME, --token-file FILE, --ca FILE, --data-dir DIR   as for capri
#:   -n, --dry-run    show the plan and make nothing
#:   -h, --help       this
#:
#: The binary is $CAPRI_BIN, ../bin/capri beside this script, or that of PATH. Exit codes
#: are those of capri: capri help exit-codes.
set -eu
here=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
# shellcheck source=scripts/admin-lib.sh
. "$here/admin-lib.sh"

words=2 switches='--yes --watch' values='--reason --cascade --mode --exclude --timeout'
act() {
  [ -n "$first" ] || refuse "which task?"
  [ -n "$second" ] || refuse "which range? A..B, for example 20150518..20150521"
  plan batch rerun "$first" --range "$second" "$@"
}
read_args "$@"
