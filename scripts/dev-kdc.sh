#!/bin/sh
# A private Kerberos server for tests, everything of it below DIR: krb5.conf, the
# realm EXAMPLE.COM, and keytabs of what dev-hdfs.sh needs and of a user.
#   dev-kdc.sh start DIR   installs Kerberos if need be, starts it
#   dev-kdc.sh stop DIR    stops it; the keys stay
#   dev-kdc.sh install     only installs
# Keytabs: nn.keytab (nn/localhost, the NameNode and superuser), dn.keytab
# (dn/localhost), capri.keytab (capri). It runs as the caller, on the loopback.
set -eu
PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"
here=$(cd "$(dirname "$0")" && pwd)
realm=EXAMPLE.COM

usage() {
  sed -n '4,6s/^# *//p' "$0" >&2
  exit 2
}

fail() {
  echo "kdc: $*" >&2
  exit 1
}

install() {
  for command in krb5kdc kadmin.local kinit; do
    sh "$here/package.sh" "$command" "krb5-kdc krb5-admin-server krb5-user" "krb5-server krb5-workstation" "krb5-server krb5"
  done
}

# A pid alone may belong to somebody else by now: its command line must be ours.
server_pid() {
  pid=$(cat "$dir/pid" 2>/dev/null) && [ -n "$pid" ] || return 1
  tr '\0' '\n' 2>/dev/null <"/proc/$pid/cmdline" | grep -qxF -- "$dir/pid" || return 1
  echo "$pid"
}

write_conf() {
  cat >"$dir/krb5.conf" <<END
[libdefaults]
  default_realm = $realm
  dns_lookup_kdc = false
  dns_lookup_realm = false
  dns_canonicalize_hostname = false
  rdns = false
  udp_preference_limit = 1
[realms]
  $realm = {
    kdc = 127.0.0.1:$1
  }
[domain_realm]
  localhost = $realm
END
  cat >"$dir/kdc.conf" <<END
[kdcdefaults]
  kdc_listen = 127.0.0.1:$1
  kdc_tcp_listen = 127.0.0.1:$1
[realms]
  $realm = {
    database_name = $dir/principal
    key_stash_file = $dir/stash
    acl_file = $dir/acl
  }
[logging]
  kdc = FILE:$dir/kdc.log
END
}

# make_keys: the realm and its principals, once.
make_keys() {
  [ -e "$dir/made" ] && return
  rm -f "$dir"/principal* "$dir/stash" "$dir"/*.keytab
  kdb5_util create -r "$realm" -s -P "$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')" >"$dir/make.log" 2>&1 || fail "the realm was not made, see $dir/make.log"
  for principal in nn/localhost dn/localhost capri; do
    kadmin.local -r "$realm" -q "addprinc -randkey $principal" >>"$dir/make.log" 2>&1
    kadmin.local -r "$realm" -q "ktadd -k $dir/${principal%/*}.keytab $principal" >>"$dir/make.log" 2>&1
    [ -s "$dir/${principal%/*}.keytab" ] || fail "no keys were made for $principal, see $dir/make.log"
  done
  touch "$dir/made"
}

answers() {
  kinit -c "$dir/ticket" -k -t "$dir/capri.keytab" capri >"$dir/kinit.log" 2>&1
}

start() {
  install
  port=$(sed -n 's/^ *kdc_listen = .*://p' "$dir/kdc.conf" 2>/dev/null || true)
  # ports from 32768 on are given to outgoing connections; a taken one shows at once
  for _ in 1 2 3 4 5; do
    write_conf "${port:-$((20000 + $(od -An -N2 -tu2 /dev/urandom) % 12000))}"
    port=
    make_keys
    # it must not inherit descriptor 9, the lock, nor end with the terminal
    nohup krb5kdc -n -P "$dir/pid" -r "$realm" >"$dir/server.log" 2>&1 9>&- </dev/null &
    for _ in $(seq 50); do
      if answers; then return; fi
      kill -0 $! 2>/dev/null || break
      sleep 0.1
    done
    stop
  done
  fail "it did not start, see the logs in $dir"
}

stop() {
  pid=$(server_pid) || return 0
  kill "$pid" 2>/dev/null || true
  for _ in $(seq 100); do
    server_pid >/dev/null || return 0
    sleep 0.1
  done
  fail "the server (pid $pid) does not stop"
}

verb=${1:-}
if [ "$verb" = install ] && [ $# -eq 1 ]; then
  install
  exit
fi
[ $# -eq 2 ] || usage
umask 077
mkdir -p "$2"
dir=$(cd "$2" && pwd)
export KRB5_CONFIG="$dir/krb5.conf" KRB5_KDC_PROFILE="$dir/kdc.conf"
exec 9>"$dir/lock"
flock 9
case $verb in
  start) if ! server_pid >/dev/null || ! answers; then start; fi ;;
  stop) stop ;;
  *) usage ;;
esac
