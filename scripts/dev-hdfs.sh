#!/bin/sh
# A private HDFS for tests and development, everything of it below DIR: a real
# NameNode and a real DataNode of Hadoop, which Maven gets.
#   dev-hdfs.sh start DIR [--ha | --kerberos KDCDIR]   starts it, prints its address
#   dev-hdfs.sh address DIR                 host:port of its NameNode; two with --ha
#   dev-hdfs.sh stop DIR                    stops it; the data stays
#   dev-hdfs.sh running DIR                 says by its exit status whether it runs
#   dev-hdfs.sh namenode ACTION DIR [1|2]   pause, resume, kill or start; 2 with --ha
#   dev-hdfs.sh datanode ACTION DIR         the same
#   dev-hdfs.sh safemode enter|leave DIR
#   dev-hdfs.sh failover DIR                the other NameNode takes over
# It runs as the caller, who is the superuser, and listens on the loopback only.
# KDCDIR is one of dev-kdc.sh. Starting a running one and stopping a stopped one
# is fine. JAVA_HOME names a Java that is not the system's.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=scripts/hadoop/conf.sh
. "$here/hadoop/conf.sh"
host=127.0.0.1
mode=plain
kdc=
java=${JAVA_HOME:+$JAVA_HOME/bin/}java

usage() {
  sed -n '4,11s/^# *//p' "$0" >&2
  exit 2
}

fail() {
  echo "hdfs: $*" >&2
  exit 1
}

# A pid alone may belong to somebody else by now: its command line must be ours.
pid_of() {
  pid=$(cat "$dir/$1.pid" 2>/dev/null) && [ -n "$pid" ] || return 1
  tr '\0' '\n' 2>/dev/null <"/proc/$pid/cmdline" | grep -qxF -- "-Dcapri.hdfs=$dir/$1" || return 1
  echo "$pid"
}

# jars: the class path. Maven takes seconds to say it, so it is kept for everybody
# who has the same pom, as long as the files are there.
jars() {
  cache=${XDG_CACHE_HOME:-${HOME:-$dir}/.cache}/capricornus
  kept=$cache/hadoop-$(cksum <"$here/hadoop/pom.xml" | tr ' ' '-')
  # shellcheck disable=SC2046 # a file a word
  if [ ! -s "$kept" ] || ! (IFS=:; ls $(cat "$kept")) >/dev/null 2>&1; then
    mkdir -p "$cache"
    sh "$here/package.sh" mvn maven maven maven || exit 1
    echo "hdfs: getting Hadoop by Maven: about 65 MB the first time, which can take a minute" >&2
    mvn -q -B -f "$here/hadoop/pom.xml" dependency:build-classpath -Dmdep.outputFile="$kept.$$" >"$dir/maven.log" 2>&1 ||
      fail "Maven did not get Hadoop, see $dir/maven.log"
    mv "$kept.$$" "$kept"
  fi
  cat "$kept"
}

# hadoop NAME CLASS ARGUMENTS…: runs a class of Hadoop. -Dcapri.hdfs is the mark by
# which its process is known.
hadoop() {
  name=$1
  shift
  CLASSPATH=$dir/conf:$(cat "$dir/classpath")
  export CLASSPATH
  exec "$java" -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData -Xshare:auto \
    "-Dcapri.hdfs=$dir/$name" "-Djava.io.tmpdir=$dir/tmp" -Djava.net.preferIPv4Stack=true \
    ${kdc:+"-Djava.security.krb5.conf=$kdc/krb5.conf"} "$@"
}

# tool CLASS ARGUMENTS…: a command of Hadoop; what it says is shown when it fails.
tool() {
  if [ -n "$kdc" ]; then
    export KRB5_CONFIG="$kdc/krb5.conf" KRB5CCNAME="$dir/ticket"
    kinit -k -t "$kdc/nn.keytab" "nn/$host" >"$dir/tool.log" 2>&1 || fail "no ticket for nn/$host, see $dir/tool.log"
  fi
  (hadoop tool "$@") >"$dir/tool.log" 2>&1 9>&- || {
    cat "$dir/tool.log" >&2
    fail "$* failed"
  }
}

# launch ROLE: starts a process in the background; it must not inherit descriptor
# 9, the lock, nor end with the terminal.
launch() {
  class=org.apache.hadoop.hdfs.server.namenode.NameNode
  case $1 in
    datanode) set -- "$1" org.apache.hadoop.hdfs.server.datanode.DataNode ;;
    *) if [ "$mode" = ha ]; then set -- "$1" $class -D "dfs.ha.namenode.id=nn${1#namenode}"; else set -- "$1" $class; fi ;;
  esac
  (trap '' HUP; hadoop "$@") >"$dir/$1.log" 2>&1 9>&- </dev/null &
  echo $! >"$dir/$1.pid"
  # its command line is this script's until Java has taken over
  while ! pid_of "$1" >/dev/null && [ -n "$(tr -d '\0' 2>/dev/null <"/proc/$!/cmdline")" ]; do sleep 0.05; done
}

# await ROLE TEXT: until its log says so; false when it ended or stayed silent.
await() {
  for _ in $(seq 600); do
    if grep -q "$2" "$dir/$1.log" 2>/dev/null; then return 0; fi
    pid_of "$1" >/dev/null || return 1
    sleep 0.1
  done
  return 1
}

roles() {
  if [ "$mode" = ha ]; then echo namenode1 namenode2 datanode; else echo namenode1 datanode; fi
}

running() {
  for role in $(roles); do
    pid_of "$role" >/dev/null || return 1
  done
}

# format: makes an empty file system, once. The second NameNode of a pair begins
# with a copy of the first's files, which is what bootstrapping it comes to.
format() {
  [ -e "$dir/formatted" ] && return
  rm -rf "$dir/namenode1" "$dir/namenode2" "$dir/edits" "$dir/datanode"
  set -- org.apache.hadoop.hdfs.server.namenode.NameNode
  if [ "$mode" = ha ]; then set -- "$@" -D dfs.ha.namenode.id=nn1; fi
  (hadoop format "$@" -format -nonInteractive) >"$dir/format.log" 2>&1 9>&- || fail "formatting failed, see $dir/format.log"
  if [ "$mode" = ha ]; then cp -R "$dir/namenode1" "$dir/namenode2"; fi
  touch "$dir/formatted"
}

# bring_up: false when a process ended, for example because its port was taken
# by somebody in between.
bring_up() {
  write_conf
  format
  for role in $(roles); do launch "$role"; done
  await namenode1 'NameNode RPC up at' || return 1
  if [ "$mode" = ha ]; then
    await namenode2 'NameNode RPC up at' || return 1
    tool org.apache.hadoop.hdfs.tools.DFSHAAdmin -transitionToActive nn1
    echo 1 >"$dir/active"
  fi
  await datanode 'Successfully sent block report' || return 1
  for role in $(roles); do
    case $role in namenode*) await "$role" 'Leaving safe mode' || return 1 ;; esac
  done
}

# java_works: Java 17 and 25 were tried.
java_works() {
  if [ -n "${JAVA_HOME:-}" ]; then
    [ -x "$java" ] || fail "JAVA_HOME is $JAVA_HOME, where there is no bin/java"
  else
    sh "$here/package.sh" java default-jre-headless java-17-openjdk-headless openjdk17-jre-headless || exit 1
  fi
  version=$("$java" -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p' | head -n 1)
  [ "${version:-0}" -ge 11 ] || fail "Java ${version:-of unknown version} is too old for Hadoop: JAVA_HOME may name one from 11 on"
}

start() {
  java_works
  jars >"$dir/classpath.new"
  mv "$dir/classpath.new" "$dir/classpath"
  mkdir -p "$dir/tmp"
  free_ports || write_ports
  read_ports
  for _ in 1 2 3; do
    bring_up && return
    stop
    cat "$dir"/namenode?.log "$dir/datanode.log" | grep -q -e 'Address already in use' -e 'Port in use' || break
    write_ports
    read_ports
  done
  fail "it did not start, see the logs in $dir"
}

# end ROLE SIGNAL: a stopped process takes no signal but KILL until it goes on.
end() {
  pid=$(pid_of "$1") || { rm -f "$dir/$1.pid"; return 0; }
  kill "-$2" "$pid" 2>/dev/null || true
  kill -CONT "$pid" 2>/dev/null || true
}

gone() {
  for _ in $(seq 100); do
    pid_of "$1" >/dev/null || { rm -f "$dir/$1.pid"; return 0; }
    sleep 0.1
  done
  return 1
}

# paused PID: waits until all its threads stand still, which on a busy machine
# takes longer than the signal.
paused() {
  for _ in $(seq 100); do
    cat "/proc/$1/task"/*/status 2>/dev/null | grep '^State:' | grep -qv '^State:.T' || return 0
    sleep 0.05
  done
  fail "pid $1 does not stand still"
}

stop() {
  for role in datanode namenode1 namenode2; do end "$role" TERM; done
  for role in datanode namenode1 namenode2; do
    gone "$role" || end "$role" KILL
    gone "$role" || fail "$role (pid $(pid_of "$role")) does not stop"
  done
}

# act ROLE ACTION
act() {
  if [ "$2" = start ]; then
    pid_of "$1" >/dev/null && return
    launch "$1"
    case $1 in
      datanode) await "$1" 'Successfully sent block report' ;;
      *) await "$1" 'NameNode RPC up at' ;;
    esac || fail "$1 did not start, see $dir/$1.log"
    return
  fi
  pid=$(pid_of "$1") || fail "no $1 runs in $dir"
  case $2 in
    pause) kill -STOP "$pid"; paused "$pid" ;;
    resume) kill -CONT "$pid" ;;
    kill) end "$1" KILL; gone "$1" ;;
    *) usage ;;
  esac
}

# failover: what is active becomes standby if it answers; the other becomes active
# in any case, because nobody fences here.
failover() {
  [ "$mode" = ha ] || fail "$dir has one NameNode only: start it with --ha"
  active=$(cat "$dir/active" 2>/dev/null || echo 1)
  other=$((3 - active))
  if pid_of "namenode$active" >/dev/null && ! grep -q '^State:.T' "/proc/$(pid_of "namenode$active")/status"; then
    tool org.apache.hadoop.hdfs.tools.DFSHAAdmin -transitionToStandby "nn$active"
  fi
  tool org.apache.hadoop.hdfs.tools.DFSHAAdmin -transitionToActive --forceactive "nn$other"
  echo "$other" >"$dir/active"
}

address() {
  [ -e "$dir/namenode1.pid" ] || fail "not running in $dir"
  if [ "$mode" = ha ]; then echo "$host:$namenode1_port,$host:$namenode2_port"; else echo "$host:$namenode1_port"; fi
}

# recall [--ha | --kerberos KDCDIR]: what DIR was first started with holds for good.
recall() {
  wanted=plain
  case ${1:-} in
    --ha) wanted=ha ;;
    --kerberos) wanted="kerberos $(cd "${2:?--kerberos wants the directory of dev-kdc.sh}" && pwd)" ;;
    '') wanted=$(cat "$dir/mode" 2>/dev/null || echo plain) ;;
    *) usage ;;
  esac
  [ -e "$dir/mode" ] || echo "$wanted" >"$dir/mode"
  [ "$wanted" = "$(cat "$dir/mode")" ] || fail "$dir was made as \"$(cat "$dir/mode")\", not as \"$wanted\": choose another directory"
  mode=${wanted%% *}
  if [ "$mode" = kerberos ]; then
    kdc=${wanted#* }
    host=localhost # Kerberos knows servers by name
  fi
  if [ -s "$dir/ports" ]; then read_ports; fi
}

# enter DIR: takes the directory for this command.
enter() {
  mkdir -p "$1"
  dir=$(cd "$1" && pwd)
  chmod 700 "$dir"
  exec 9>"$dir/lock"
  flock 9
}

[ $# -ge 2 ] || usage
umask 077
verb=$1
shift
case $verb in
  namenode | datanode | safemode)
    [ $# -ge 2 ] || usage
    action=$1
    shift
    ;;
esac
enter "$1"
shift
case $verb in
  start)
    recall "$@"
    if ! running; then
      stop
      start
    fi
    address
    ;;
  *)
    recall
    case $verb in
      address) address ;;
      stop) stop ;;
      running) running ;;
      namenode) act "namenode${1:-1}" "$action" ;;
      datanode) act datanode "$action" ;;
      safemode) tool org.apache.hadoop.hdfs.tools.DFSAdmin -safemode "$action" ;;
      failover) failover ;;
      *) usage ;;
    esac
    ;;
esac
