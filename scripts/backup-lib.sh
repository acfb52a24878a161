# shellcheck shell=sh
# Read by backup.sh and restore.sh, which set here, their directory, and dry_run.
# shellcheck source=scripts/worker-lib.sh
. "${here:?}/worker-lib.sh" # complain, refuse, find_capri

fail() {
  complain "$*"
  exit 1
}

# Everything that is written holds secrets or data: nobody else reads it.
umask 077
work=
finish() { [ -z "$work" ] || rm -rf "$work"; }
trap finish EXIT
trap 'exit 130' INT TERM

# look: asks capri what the database of the configuration is: engine, database,
# schema, masters.
look() {
  find_capri
  work=$(mktemp -d)
  "$capri" database show --config "$config" >"$work/show" || exit $?
  engine=$(sed -n 's/^engine=//p' "$work/show")
  database=$(sed -n 's/^name=//p' "$work/show")
  schema=$(sed -n 's/^schema=//p' "$work/show")
  # shellcheck disable=SC2034 # restore.sh reads it
  masters=$(sed -n 's/^masters=//p' "$work/show")
  case $engine:$database:$schema in
    :* | *::* | *:) fail "capri does not say what the database is" ;;
  esac
}

# options: an option file for the server's programs, so that no password is on a command line.
options() {
  "$capri" database client --config "$config" >"$work/client.cnf" || exit $?
}

# program NAME...: the first of them that is installed.
program() {
  for candidate in "$@"; do
    if command -v "$candidate" >/dev/null 2>&1; then
      echo "$candidate"
      return
    fi
  done
  fail "none of $* is installed: they come with the client of MariaDB or MySQL"
}

# would WORD...: says what would be done.
would() {
  echo "would run: $*"
}
