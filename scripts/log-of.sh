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

batch='' dry_run=no
left=$#
while [ "$left" -gt 0 ]; do
  word=$1
  shift
  left=$((left - 1))
  case $word in
    -h | --help) usage ;;
    -n | --dry-run) dry_run=yes ;;
    -f | --follow | --attempt=* | --tail=* | --addr=* | --context=* | --token-file=* | --ca=* | --data-dir=*) set -- "$@" "$word" ;;
    --attempt | --tail | --addr | --context | --token-file | --ca | --data-dir)
      [ "$left" -gt 0 ] || refuse "$word wants a value"
      set -- "$@" "$word" "$1"
      shift
      left=$((left - 1))
      ;;
    -*) refuse "$word is no option" ;;
    *)
      [ -z "$batch" ] || refuse "one batch at a time: got $batch and $word"
      batch=$word
      ;;
  esac
done
case $batch in
  '') refuse "which batch? TASK/WORKNO, for example dwd_access_d/20150518" ;;
  */*) ;;
  *) refuse "$batch is no batch: write TASK/WORKNO, for example dwd_access_d/20150518" ;;
esac
find_capri
if [ "$dry_run" = yes ]; then
  say_call batch logs "$batch" "$@"
  exit 0
fi
exec "$capri" batch logs "$batch" "$@"
