#!/bin/sh
#: cold-start.sh PERIOD A..B [OPTION...]
#: Makes the batches of past periods: shows the plan, asks, and does what was shown.
#:
#:   PERIOD           hour, day, week, month or cron
#:   A..B             work numbers, both included: 20150518..20150521, 2015051711..2015052022
#:   --project NAME   tasks of this project only
#:   --tasks A,B,...  these tasks only
#:   --mode MODE      all, or missing: those that are not there
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

words=2 switches='--yes --watch' values='--project --tasks --mode --exclude --timeout'
act() {
  [ -n "$first" ] || refuse "which period? hour, day, week, month or cron"
  [ -n "$second" ] || refuse "which range? A..B, for example 20150518..20150521"
  plan coldstart --period "$first" --range "$second" "$@"
}
read_args "$@"
