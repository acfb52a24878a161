#!/bin/sh
#: cold-start.sh PERIOD A..B [OPTION...]
#: Makes the batches of past periods: shows the plan, asks, and does what was shown.
#:
#:   PERIOD           hour, day, week, month or cron
#:   A..B             work numbers, both included: 20150518..20150521, 2015051711..2015052022
#:   --project NAME   tasks of this project only
#:   --tasks A,B,...  these tasks only
#:   --mode MODE      all, or missing: those that are not there
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

period='' range='' watch=no dry_run=no
left=$#
while [ "$left" -gt 0 ]; do
  word=$1
  shift
  left=$((left - 1))
  case $word in
    -h | --help) usage ;;
    -n | --dry-run) dry_run=yes ;;
    --watch) watch=yes ;;
    --yes | --project=* | --tasks=* | --mode=* | --addr=* | --context=* | --token-file=* | --ca=* | --data-dir=*) set -- "$@" "$word" ;;
    --project | --tasks | --mode | --addr | --context | --token-file | --ca | --data-dir)
      [ "$left" -gt 0 ] || refuse "$word wants a value"
      set -- "$@" "$word" "$1"
      shift
      left=$((left - 1))
      ;;
    -*) refuse "$word is no option" ;;
    *)
      if [ -z "$period" ]; then
        period=$word
      elif [ -z "$range" ]; then
        range=$word
      else
        refuse "one period and one range: got $word as well"
      fi
      ;;
  esac
done
[ -n "$period" ] || refuse "which period? hour, day, week, month or cron"
[ -n "$range" ] || refuse "which range? A..B, for example 20150518..20150521"
is_range "$range" || refuse "$range is no range: write A..B, for example 20150518..20150521"
find_capri
[ "$dry_run" = no ] || exec "$capri" coldstart --period "$period" --range "$range" "$@" --dry-run
run_plan coldstart --period "$period" --range "$range" "$@"
