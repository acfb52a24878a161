#!/bin/sh
# Stands in for publish.sh where the warehouse is on HDFS. Scripts compute in the
# attempt's own directory all the same: the arguments, places on HDFS, become
# copies in it, and publish takes the output back. Until then whoever reads "$OUT"
# sees what was there before, or nothing: the output comes by one rename, complete
# and with its _SUCCESS. A rerun replaces it.
# Reads: OUT (the output directory on HDFS); the arguments.
set -eu
export LC_ALL=C
NEW=new

dfs() {
  @WEBLOG_DFS@ "$@"
}

begin() { :; } # "$NEW" is there already

publish() {
  : >"$NEW/_SUCCESS"
  dfs -mkdir -p "${OUT%/*}"
  dfs -rm -r -f -skipTrash "$OUT.new" >/dev/null # of an attempt that was killed
  dfs -put "$NEW" "$OUT.new"
  dfs -rm -r -f -skipTrash "$OUT" >/dev/null
  dfs -mv "$OUT.new" "$OUT"
  rm -rf in "$NEW"
}

# fetch copies what is at a place on HDFS, and nothing if nothing is there.
fetch() {
  if dfs -test -e "$1"; then
    dfs -get "$1" "$2"
  else
    [ $? -eq 1 ] # more than 1: HDFS did not say
  fi
}

rm -rf in "$NEW"
mkdir in "$NEW"
n=0
for place in "$@"; do
  n=$((n + 1))
  fetch "$place" "in/$n"
  shift
  set -- "$@" "in/$n"
done
