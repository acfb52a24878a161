# shellcheck shell=sh
# Read by worker-on.sh, worker-off.sh, worker-drain.sh, worker-status.sh and backup-lib.sh, which
# set here, their directory: a call of capri host, and the same call straight in
# the database when no master answers.
name=${0##*/}

complain() {
  echo "$name: $*" >&2
}

refuse() {
  complain "$*"
  echo "  $name --help explains" >&2
  exit 2
}

# The binary: CAPRI_BIN, the one beside the scripts, or that of PATH.
find_capri() {
  if [ -n "${CAPRI_BIN:-}" ]; then
    capri=$CAPRI_BIN
  elif [ -x "${here:?}/../bin/capri" ]; then
    capri=$here/../bin/capri
  elif command -v capri >/dev/null 2>&1; then
    capri=capri
  else
    complain "there is no capri: set CAPRI_BIN, or put it into PATH"
    exit 1
  fi
}

# main VERB ARG...: reads the arguments and makes the call. What the scripts do
# not know themselves is capri's to judge.
main() {
  verb=$1
  shift
  host='' reason='' config='' database='' data_dir=${CAPRI_DATA_DIR:-} dry_run=no
  left=$#
  while [ "$left" -gt 0 ]; do
    word=$1
    shift
    left=$((left - 1))
    case $word in
      -h | --help)
        sed -n 's/^#: \{0,1\}//p' "$(readlink -f "$0")" # the help is what stands behind #: at the head of the script
        exit 0
        ;;
      -n | --dry-run)
        dry_run=yes
        continue
        ;;
      --wait | --yes | --*=*)
        value=${word#*=}
        word=${word%%=*}
        ;;
      --reason | --for | --until | --timeout | --config | --database | --data-dir | --addr | --token-file | -o | --output)
        [ "$left" -gt 0 ] || refuse "$word wants a value"
        value=$1
        shift
        left=$((left - 1))
        ;;
      -*) refuse "$word is no option" ;;
      *)
        [ -z "$host" ] || refuse "one worker at a time: got $host and $word"
        [ -n "$word" ] || refuse "the name of the worker is empty"
        host=$word
        continue
        ;;
    esac
    case $word in
      --wait | --yes) set -- "$@" "$word" ;;
      --config) config=$value ;;
      --database) database=$value ;;
      --reason) reason=$value ;;
      --data-dir) data_dir=$value named_dir=yes ;;
      *) set -- "$@" "$word" "$value" ;;
    esac
  done
  [ -z "$reason" ] || set -- "$@" --reason "$reason"
  [ -z "${named_dir:-}" ] || set -- "$@" --data-dir "$data_dir"
  [ -z "$config" ] || [ -z "$database" ] || refuse "--config and --database exclude each other"
  [ -n "$config$database" ] || config=${CAPRI_DB_CONFIG:-}
  check
  find_capri
  [ -z "$host" ] || set -- "$@" -- "$host"
  call "$@"
}

# check wants what the verb wants, so that a dry run refuses what a run would.
check() {
  case $verb in
    off | drain) [ -n "$reason" ] || refuse "--reason is wanted: it is kept, and shown to whoever asks why" ;;
    status)
      verb=list
      [ -z "$host" ] || verb=show
      return
      ;;
  esac
  [ -n "$host" ] || refuse "which worker?"
}

# call ARG...: asks a master, and the database when none answers: exit code 7.
call() {
  if [ "$dry_run" = yes ]; then
    database=$(printf '%s' "$database" | sed 's/^\([^:@]*\):.*@/\1:***@/') # no password on a screen
    say "$@"
    in_database say "$@" | sed 's/^would run:/when no master answers:/'
    return 0
  fi
  code=0
  ask "$@" || code=$?
  [ "$code" -eq 7 ] || return "$code"
  if [ -z "$config$database$data_dir" ]; then
    complain "no master answers, and no database is named: give --config FILE of a master, or set CAPRI_DB_CONFIG"
    return 7
  fi
  complain "no master answers: going straight to the database"
  in_database ask "$@"
}

ask() {
  "$capri" host "$verb" "$@"
}

# say ARG...: what ask would run, as a shell takes it.
say() {
  printf 'would run:'
  for word in "$capri" host "$verb" "$@"; do
    case $word in
      '' | *[!A-Za-z0-9_./:=@%+,-]*) printf " '%s'" "$(printf '%s' "$word" | sed "s/'/'\\\\''/g")" ;;
      *) printf ' %s' "$word" ;;
    esac
  done
  echo
}

# in_database ask|say ARG...: with the flags that name the database.
in_database() {
  act=$1
  shift
  if [ -n "$config" ]; then
    "$act" --direct --config "$config" "$@"
  elif [ -n "$database" ]; then
    "$act" --direct --database "$database" "$@"
  elif [ -n "$data_dir" ]; then
    "$act" --direct "$@"
  fi
}
