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
#:   --watch          follow it to its end: exit code 20 when batches failed
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

task='' range='' watch=no dry_run=no
left=$#
while [ "$left" -gt 0 ]; do
  word=$1
  shift
  left=$((left - 1))
  case $word in
    -h | --help) usage ;;
    -n | --dry-run) dry_run=yes ;;
    --watch) watch=yes ;;
    --yes | --reason=* | --cascade=* | --mode=* | --addr=* | --context=* | --token-file=* | --ca=* | --data-dir=*) set -- "$@" "$word" ;;
    --reason | --cascade | --mode | --addr | --context | --token-file | --ca | --data-dir)
      [ "$left" -gt 0 ] || refuse "$word wants a value"
      set -- "$@" "$word" "$1"
      shift
      left=$((left - 1))
      ;;
    -*) refuse "$word is no option" ;;
    *)
      if [ -z "$task" ]; then
        task=$word
      elif [ -z "$range" ]; then
        range=$word
      else
        refuse "one range, and tasks separated by commas: got $word as well"
      fi
      ;;
  esac
done
[ -n "$task" ] || refuse "which task?"
[ -n "$range" ] || refuse "which range? A..B, for example 20150518..20150521"
is_range "$range" || refuse "$range is no range: write A..B, for example 20150518..20150521"
find_capri
[ "$dry_run" = no ] || exec "$capri" batch rerun "$task" --range "$range" "$@" --dry-run
run_plan batch rerun "$task" --range "$range" "$@"
