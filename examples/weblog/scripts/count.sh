#!/bin/sh
# Counts a day's detail into figures that can be added up: kind, key, requests,
# bytes. Weekly and monthly reports add the days' figures instead of reading the
# detail again; visitors are figures too, because distinct ones do not add up.
# Reads: $1, a detail. Writes: counts.tsv.
begin
awk -F '\t' '
  function count(kind, key) {
    key = kind "\t" key
    requests[key]++
    bytes[key] += $6
  }
  {
    sub(/[?#].*/, "", $4)
    count("status", $5)
    count("url", $4)
    count("visitor", $2 " " $8)
  }
  END { for (key in requests) printf "%s\t%d\t%.0f\n", key, requests[key], bytes[key] }
' "$1" >"$NEW/counts.unsorted"
sort "$NEW/counts.unsorted" >"$NEW/counts.tsv"
rm "$NEW/counts.unsorted"
