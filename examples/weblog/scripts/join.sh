#!/bin/sh
# Puts the details of the hours of a day into one file, in their order.
# Reads: the hours' files as arguments, none at all for a day without any.
# Writes: access.tsv.
begin
cat /dev/null "$@" >"$NEW/access.tsv"
publish
echo "$# hours in $OUT/access.tsv"
