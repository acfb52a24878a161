#!/bin/sh
# Makes an output directory in one piece. A script calls begin, writes its files
# into "$NEW" and calls publish. Until then whoever reads "$OUT" sees what was
# there before, or nothing; _SUCCESS is the first thing to go and the last to
# come, so it never stands beside half an output. A rerun replaces the output.
# Reads: OUT (the output directory). The arguments are what the script reads;
# publish-hdfs.sh, which stands in for this file on HDFS, makes them copies.
set -eu
export LC_ALL=C
NEW="${OUT:?the output directory is not set}.new"

begin() {
  rm -rf "$NEW"
  mkdir -p "$NEW"
}

publish() {
  rm -f "$OUT/_SUCCESS"
  rm -rf "$OUT"
  mv "$NEW" "$OUT"
  : >"$OUT/_SUCCESS"
}
