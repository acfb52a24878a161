# shellcheck shell=sh
# Read by cold-start.sh, rerun.sh, log-of.sh and the check-*.sh, which set here,
# their directory: one call of capri each.
# shellcheck source=scripts/worker-lib.sh
. "${here:?}/worker-lib.sh"

# usage: the help is what stands behind #: at the head of the script.
usage() {
  sed -n 's/^#: \{0,1\}//p' "$(readlink -f "$0")"
  exit 0
}

# is_range TEXT: A..B, both of digits.
is_range() {
  case $1 in
    *..*..* | ..* | *..) return 1 ;;
    *..*) ;;
    *) return 1 ;;
  esac
  case ${1%%..*}${1##*..} in
    *[!0-9]*) return 1 ;;
  esac
}

# say_call WORD...: the call as a shell takes it.
say_call() {
  printf 'would run:'
  for word in "$capri" "$@"; do
    case $word in
      '' | *[!A-Za-z0-9_./:=@%+,-]*) printf " '%s'" "$(printf '%s' "$word" | sed "s/'/'\\\\''/g")" ;;
      *) printf ' %s' "$word" ;;
    esac
  done
  echo
}

# check_by NAME ARG...: makes a check of capri, or says which. A check that cannot
# be made is UNKNOWN for Nagios, also when it was called wrongly.
check_by() {
  name_of=$1
  shift
  nagios=no dry_run=no
  for word in "$@"; do
    [ "$word" != --nagios ] || nagios=yes
  done
  left=$#
  while [ "$left" -gt 0 ]; do
    word=$1
    shift
    left=$((left - 1))
    case $word in
      -h | --help) usage ;;
      -n | --dry-run) dry_run=yes ;;
      --nagios) set -- "$@" "$word" ;;
      --warning=* | --critical=* | --project=* | --from=* | --addr=* | --token-file=* | --ca=* | --context=* | --data-dir=* | --output=*) set -- "$@" "$word" ;;
      --warning | --critical | --project | --from | --addr | --token-file | --ca | --context | --data-dir | -o | --output)
        [ "$left" -gt 0 ] || unknown "$word wants a value"
        set -- "$@" "$word" "$1"
        shift
        left=$((left - 1))
        ;;
      *) unknown "$word is no option" ;;
    esac
  done
  find_capri
  if [ "$dry_run" = yes ]; then
    say_call check "$name_of" "$@"
    exit 0
  fi
  code=0
  "$capri" check "$name_of" "$@" || code=$?
  [ "$nagios" = no ] || [ "$code" -le 3 ] || code=3
  exit "$code"
}

# unknown TEXT: refuse, as Nagios reads it.
unknown() {
  [ "$nagios" = yes ] || refuse "$*"
  echo "UNKNOWN - $name: $*"
  exit 3
}

# run_plan WORD...: a call of capri that shows a plan, asks, and makes an
# operation; with watch=yes it is followed to its end.
run_plan() {
  [ "${watch:?}" = yes ] || exec "$capri" "$@"
  id=$("$capri" "$@" -o name)
  case $id in
    '' | *[!0-9]*) exit 0 ;; # nothing was to be done
  esac
  left=$# # of all the words, those that say where the masters are
  while [ "$left" -gt 0 ]; do
    word=$1
    shift
    left=$((left - 1))
    case $word in
      --addr=* | --context=* | --token-file=* | --ca=* | --data-dir=*) set -- "$@" "$word" ;;
      --addr | --context | --token-file | --ca | --data-dir)
        set -- "$@" "$word" "$1"
        shift
        left=$((left - 1))
        ;;
      --period | --range | --project | --tasks | --mode | --reason | --cascade)
        shift
        left=$((left - 1))
        ;;
    esac
  done
  exec "$capri" op watch "$id" "$@"
}
