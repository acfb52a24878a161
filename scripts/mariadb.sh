#!/bin/sh
# A private MariaDB for tests and development, everything of it below DIR.
#   mariadb.sh install DIR  installs MariaDB if need be
#   mariadb.sh start DIR    the same, starts it, prints the DSN
#   mariadb.sh dsn DIR      prints the DSN of a running one: user:password@tcp(127.0.0.1:port)/
#   mariadb.sh stop DIR     stops it; the data stays and the next start is quick
# It runs as the caller, listens on the loopback only and has one account, whose
# password is generated. Starting a running one and stopping a stopped one is fine.
# MARIADB_BIND is another address to listen on, for a network of its own; then
# the account may come from anywhere in it. MARIADB_OPTIONS are further lines of the
# server's configuration.
set -eu
PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin:/usr/libexec"

usage() {
  sed -n '2,6s/^# *//p' "$0" >&2
  exit 2
}

[ $# -eq 2 ] || usage
verb=$1
address=${MARIADB_BIND:-127.0.0.1}
from=127.0.0.1
[ "$address" = 127.0.0.1 ] || from=%
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$2"
dir=$(cd "$2" && pwd)

fail() {
  echo "mariadb: $*" >&2
  exit 1
}

# A pid alone may belong to somebody else by now: its command line must be ours.
server_pid() {
  pid=$(cat "$dir/pid" 2>/dev/null) && [ -n "$pid" ] || return 1
  { tr "\0" "\n" <"/proc/$pid/cmdline"; } 2>/dev/null | grep -qxF -- "--defaults-file=$dir/server.cnf" || return 1
  echo "$pid"
}

secret() {
  od -An -N16 -tx1 /dev/urandom | tr -d ' \n'
}

port_is_free() {
  hex=$(printf '%04X' "$1")
  cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | awk -v port=":$hex" '
    $4 == "0A" && substr($2, length($2) - 4) == port { taken = 1 } # 0A: somebody listens
    END { exit taken }'
}

# Ports from 32768 on are given to outgoing connections: a server's own is below.
choose_port() {
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    port=$((20000 + $(od -An -N2 -tu2 /dev/urandom) % 12000))
    if port_is_free "$port"; then
      echo "$port"
      return
    fi
  done
  fail "found no free port between 20000 and 32000"
}

# The installer trips over blanks in a path, so it works in a directory of its
# own; the password is written last and says that all is there. A server that starts
# removes the temporary tables of all others from its directory for temporary files:
# each has one of its own.
initialise() {
  [ -s "$dir/password" ] && return
  new=$(mktemp -d)
  mkdir "$new/tmp"
  mariadb-install-db --no-defaults --datadir="$new/data" --tmpdir="$new/tmp" --user="$(id -un)" --skip-test-db \
    --auth-root-authentication-method=socket --auth-root-socket-user="$(id -un)" >"$dir/install.log" 2>&1 ||
    fail "making the data directory failed, see $dir/install.log"
  rm -rf "$dir/data"
  mv "$new/data" "$dir/data"
  rm -rf "$new"
  secret >"$dir/password"
}

# The client's file keeps the password out of argument lists.
write_config() {
  port=$1
  mkdir -p "$dir/tmp"
  cat >"$dir/init.sql" <<EOF
CREATE USER IF NOT EXISTS capri@'$from' IDENTIFIED BY '$(cat "$dir/password")';
GRANT ALL ON *.* TO capri@'$from' WITH GRANT OPTION;
EOF
  cat >"$dir/client.cnf" <<EOF
[client]
user = capri
password = $(cat "$dir/password")
host = $address
port = $port
protocol = tcp
connect-timeout = 2
EOF
  # the socket is relative to the data directory: a socket's path is at most 107 bytes long
  cat >"$dir/server.cnf" <<EOF
[mariadbd]
datadir = $dir/data
tmpdir = $dir/tmp
socket = mysqld.sock
pid-file = $dir/server.pid
log-error = $dir/server.log
init-file = $dir/init.sql
secure-file-priv = $dir/data
bind-address = $address
port = $port
skip-name-resolve
skip-log-bin
max-connections = 500
character-set-server = utf8mb4
innodb-flush-log-at-trx-commit = 1
innodb-buffer-pool-size = 512M
innodb-log-file-size = 128M
${MARIADB_OPTIONS:-}
EOF
}

answers() {
  mariadb --defaults-file="$dir/client.cnf" -e 'SELECT 1' >/dev/null 2>&1
}

# launch PORT: true when the server answers, false when it ended or stayed silent.
launch() {
  write_config "$1"
  # the server must not inherit descriptor 9, the lock, nor die with the terminal
  nohup mariadbd --defaults-file="$dir/server.cnf" --user="$(id -un)" >>"$dir/server.log" 2>&1 9>&- </dev/null &
  echo $! >"$dir/pid"
  for _ in $(seq 300); do
    kill -0 "$(cat "$dir/pid")" 2>/dev/null || return 1
    answers && return 0
    sleep 0.2
  done
  return 1
}

install() {
  # the core packages have no system service; older systems number them and need the whole
  sh "$here/package.sh" mariadbd "mariadb-server-core mariadb-client-core" "mariadb-server mariadb" "mariadb mariadb-client" ||
    sh "$here/package.sh" mariadbd "mariadb-server mariadb-client" "mariadb-server mariadb" "mariadb mariadb-client"
  sh "$here/package.sh" mariadb mariadb-client-core mariadb mariadb-client
}

start() {
  install
  initialise
  port=$(sed -n 's/^port = //p' "$dir/client.cnf" 2>/dev/null || true)
  [ -n "$port" ] && port_is_free "$port" || port=$(choose_port)
  launch "$port" && return
  stop
  launch "$(choose_port)" || { stop; fail "the server did not start, see $dir/server.log"; }
}

stop() {
  pid=$(server_pid) || { rm -f "$dir/pid"; return 0; }
  kill "$pid" 2>/dev/null || true
  for _ in $(seq 300); do
    kill -0 "$pid" 2>/dev/null || { rm -f "$dir/pid"; return 0; }
    sleep 0.1
  done
  fail "the server (pid $pid) does not stop"
}

dsn() {
  server_pid >/dev/null || fail "not running in $dir"
  port=$(sed -n 's/^port = //p' "$dir/client.cnf")
  echo "capri:$(cat "$dir/password")@tcp($address:$port)/"
}

if [ "$verb" = install ]; then
  install
  exit
fi
umask 077
chmod 700 "$dir"
exec 9>"$dir/lock"
flock 9
case $verb in
  start)
    if ! server_pid >/dev/null || ! answers; then
      stop
      start
    fi
    dsn
    ;;
  stop) stop ;;
  dsn) dsn ;;
  *) usage ;;
esac
