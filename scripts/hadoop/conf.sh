# shellcheck shell=sh disable=SC2154 # dir, host, kdc and the ports are set by dev-hdfs.sh
# Part of dev-hdfs.sh: chooses ports and writes Hadoop's configuration into "$dir/conf".

# Ports from 32768 on are given to outgoing connections: a server's own is below.
# choose_ports N: so many that are free, none twice.
choose_ports() {
  listening=$(cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | awk '$4 == "0A" { print substr($2, length($2) - 3) }')
  od -An -v -N"$(($1 * 40))" -tu2 /dev/urandom | tr -s ' ' '\n' | awk 'NF { port = 20000 + $1 % 12000; if (!seen[port]++) print port }' |
    while read -r port; do
      echo "$listening" | grep -qx "$(printf '%04X' "$port")" || echo "$port"
    done | head -n "$1"
}

write_ports() {
  # shellcheck disable=SC2046 # a port a word
  set -- $(choose_ports 8)
  [ $# -eq 8 ] || fail "found no free ports between 20000 and 32000"
  echo "namenode1_port=$1 namenode2_port=$2 http1_port=$3 http2_port=$4 data_port=$5 ipc_port=$6 http3_port=$7 proxy_port=$8" >"$dir/ports"
}

# free_ports: whether nobody took the ports of the last run, if there was one.
free_ports() {
  grep -q 'proxy_port=[0-9]' "$dir/ports" 2>/dev/null || return 1 # the last that is written
  for port in $(tr ' ' '\n' <"$dir/ports" | sed 's/.*=//'); do
    ! awk '$4 == "0A" { print $2 }' /proc/net/tcp /proc/net/tcp6 2>/dev/null | grep -q ":$(printf '%04X' "$port")\$" || return 1
  done
}

read_ports() {
  # shellcheck disable=SC1091 # written by write_ports
  . "$dir/ports"
}

property() {
  echo "  <property><name>$1</name><value>$(echo "$2" | sed 's/&/\&amp;/g; s/</\&lt;/g')</value></property>"
}

# site FILE: what is written on standard input, as a configuration file.
site() {
  {
    echo "<configuration>"
    cat
    echo "</configuration>"
  } >"$dir/conf/$1"
}

write_conf() {
  mkdir -p "$dir/conf/webapps/hdfs" "$dir/conf/webapps/datanode" "$dir/conf/webapps/static"
  { core_properties; kerberos_core; } | site core-site.xml
  { namenode_properties; datanode_properties; kerberos_hdfs; } | site hdfs-site.xml
  cat >"$dir/conf/log4j.properties" <<END
log4j.rootLogger=INFO,A
log4j.appender.A=org.apache.log4j.ConsoleAppender
log4j.appender.A.target=System.err
log4j.appender.A.layout=org.apache.log4j.PatternLayout
log4j.appender.A.layout.ConversionPattern=%d{ISO8601} %p %c{2}: %m%n
log4j.logger.org.apache.hadoop.util.NativeCodeLoader=ERROR
log4j.logger.BlockStateChange=WARN
log4j.logger.org.apache.hadoop.hdfs.server.namenode.FSNamesystem.audit=WARN
END
}

core_properties() {
  if [ "$mode" = ha ]; then
    property fs.defaultFS hdfs://dev
  else
    property fs.defaultFS "hdfs://$host:$namenode1_port"
  fi
  property hadoop.tmp.dir "$dir/tmp"
  # the DataNode looks again soon when its NameNode was away
  property ipc.client.connect.retry.interval 300
}

# Quick answers to what tests do: a dead DataNode is dead after 12 s, blocks may
# be small, and safe mode ends as soon as the DataNode has reported. Writes are
# not flushed to disk: what runs here is thrown away, or survives a kill.
namenode_properties() {
  property dfs.replication 1
  property dfs.blocksize 1m
  property dfs.namenode.fs-limits.min-block-size 1024
  property dfs.namenode.safemode.extension 0
  property dfs.namenode.safemode.min.datanodes 1
  property dfs.namenode.heartbeat.recheck-interval 1000
  property dfs.heartbeat.interval 1
  property dfs.namenode.stale.datanode.interval 5000
  property dfs.namenode.edits.noeditlogchannelflush true
  property dfs.namenode.resource.du.reserved 1048576
  property dfs.namenode.datanode.registration.ip-hostname-check false
  property dfs.permissions.enabled true
  property dfs.webhdfs.enabled false
  if [ "$mode" != ha ]; then
    property dfs.namenode.name.dir "$dir/namenode1"
    property dfs.namenode.rpc-address "$host:$namenode1_port"
    property dfs.namenode.http-address "$host:$http1_port"
    return
  fi
  property dfs.nameservices dev
  property dfs.ha.namenodes.dev nn1,nn2
  property dfs.namenode.shared.edits.dir "$dir/edits"
  property dfs.client.failover.proxy.provider.dev org.apache.hadoop.hdfs.server.namenode.ha.ConfiguredFailoverProxyProvider
  property dfs.ha.tail-edits.period 1
  property dfs.ha.fencing.methods 'shell(true)'
  property dfs.namenode.name.dir.dev.nn1 "$dir/namenode1"
  property dfs.namenode.name.dir.dev.nn2 "$dir/namenode2"
  property dfs.namenode.rpc-address.dev.nn1 "$host:$namenode1_port"
  property dfs.namenode.rpc-address.dev.nn2 "$host:$namenode2_port"
  property dfs.namenode.http-address.dev.nn1 "$host:$http1_port"
  property dfs.namenode.http-address.dev.nn2 "$host:$http2_port"
}

datanode_properties() {
  property dfs.datanode.data.dir "$dir/datanode"
  property dfs.datanode.hostname "$host"
  property dfs.datanode.address "$host:$data_port"
  property dfs.datanode.ipc.address "$host:$ipc_port"
  property dfs.datanode.http.address "$host:$http3_port"
  property dfs.datanode.http.internal-proxy.port "$proxy_port"
}

kerberos_core() {
  [ "$mode" = kerberos ] || return 0
  property hadoop.security.authentication kerberos
  property hadoop.security.authorization true
  property hadoop.rpc.protection "${CAPRI_HDFS_RPC_PROTECTION:-authentication}"
}

# A kerberised DataNode wants privileged ports or HTTPS, so that nobody takes its
# port while it is away; this is the switch of Hadoop's own tests to do without.
kerberos_hdfs() {
  [ "$mode" = kerberos ] || return 0
  property ignore.secure.ports.for.testing true
  property dfs.block.access.token.enable true
  property dfs.data.transfer.protection "${CAPRI_HDFS_PROTECTION:-privacy}"
  property dfs.encrypt.data.transfer.cipher.suites AES/CTR/NoPadding
  property dfs.namenode.kerberos.principal nn/_HOST@EXAMPLE.COM
  property dfs.namenode.keytab.file "$kdc/nn.keytab"
  property dfs.datanode.kerberos.principal dn/_HOST@EXAMPLE.COM
  property dfs.datanode.keytab.file "$kdc/dn.keytab"
}
