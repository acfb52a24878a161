#!/bin/sh
# Puts the details of the hours of a day into one file, in their order.
# Reads: $1, a directory with one for each hour, or with none; or no directory.
# Writes: access.tsv.
begin
set -- "$1"/[0-9][0-9]/access.tsv
[ -f "$1" ] || set --
cat /dev/null "$@" >"$NEW/access.tsv"
publish
echo "$# hours in $OUT/access.tsv"
