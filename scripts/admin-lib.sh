# shellcheck shell=sh
# Read by cold-start.sh, rerun.sh, log-of.sh and the check-*.sh, which set here,
# their directory: one call of capri each. They say what they take, in words,
# switches and values, and define act, which makes the call of what was read.
# shellcheck source=scripts/worker-lib.sh
. "${here:?}/worker-lib.sh"

# usage: the help is what stands behind #: at the head of the script.
usage() {
  sed -n 's/^#: \{0,1\}//p' "$(readlink -f "$0")"
  exit 0
}

# refuse TEXT: a check that cannot be made is UNKNOWN for Nagios, also when it
# was called wrongly.
nagios=no
refuse() {
  if [ "$nagios" = yes ]; then
    echo "UNKNOWN - $name: $*"
    exit 3
  fi
  complain "$*"
  echo "  $name --help explains" >&2
  exit 2
}

# is_one_of WORD NAME...
is_one_of() {
  wanted=$1
  shift
  for name_of in "$@"; do
    [ "$wanted" != "$name_of" ] || return 0
  done
  return 1
}

# read_args ARG...: puts up to $words words that are no options into first and
# second, and calls act with the options. What they mean is capri's to judge.
read_args() {
  first='' second='' dry_run=no
  left=$#
  while [ "$left" -gt 0 ]; do
    word=$1
    shift
    left=$((left - 1))
    # shellcheck disable=SC2086 # a name a word
    case $word in
      -h | --help) usage ;;
      -n | --dry-run) dry_run=yes ;;
      -*)
        set -- "$@" "$word"
        is_one_of "$word" ${switches:-} && continue
        is_one_of "${word%%=*}" ${values:-} --addr --context --token-file --ca --data-dir || refuse "$word is no option"
        case $word in --*=*) continue ;; esac
        [ "$left" -gt 0 ] || refuse "$word wants a value"
        set -- "$@" "$1"
        shift
        left=$((left - 1))
        ;;
      *)
        if [ -z "$first" ] && [ "${words:?}" -gt 0 ]; then
          first=$word
        elif [ -z "$second" ] && [ "$words" -gt 1 ]; then
          second=$word
        else
          refuse "$word is one word too many"
        fi
        ;;
    esac
  done
  find_capri
  act "$@"
}

# run WORD...: the call, or with --dry-run how a shell takes it.
run() {
  [ "$dry_run" = yes ] || exec "$capri" "$@"
  printf 'would run:'
  for word in "$capri" "$@"; do
    case $word in
      '' | *[!A-Za-z0-9_./:=@%+,-]*) printf " '%s'" "$(printf '%s' "$word" | sed "s/'/'\\\\''/g")" ;;
      *) printf ' %s' "$word" ;;
    esac
  done
  echo
}

# plan WORD...: a call that shows a plan and asks; a dry run shows the plan.
plan() {
  [ "$dry_run" = no ] || set -- "$@" --dry-run
  exec "$capri" "$@"
}

# check_by CHECK ARG...: makes a check of capri. One that cannot be made is
# UNKNOWN for Nagios, whatever capri's exit code says.
check_by() {
  check=$1
  shift
  if is_one_of --nagios "$@"; then nagios=yes; fi
  words=0 switches=--nagios values='--warning --critical --project --from -o --output'
  act() {
    if [ "$dry_run" = yes ]; then
      run check "$check" "$@"
      exit 0
    fi
    code=0
    "$capri" check "$check" "$@" || code=$?
    [ "$nagios" = no ] || [ "$code" -le 3 ] || code=3
    exit "$code"
  }
  read_args "$@"
}
