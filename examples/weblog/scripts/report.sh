#!/bin/sh
# Turns figures into a report that people read.
# Reads: PERIOD, $NEW/counts.tsv. Writes: report.txt, and prints it.
sort -t "$(printf '\t')" -k 1,1 -k 3,3nr -k 2,2 "$NEW/counts.tsv" >"$NEW/counts.ranked"
awk -F '\t' -v period="$PERIOD" '
  $1 == "status" { total += $3; bytes += $4; class[substr($2, 1, 1)] += $3 }
  $1 == "visitor" { visitors++ }
  $1 == "url" && urls < 10 { top[++urls] = sprintf("%8d  %s", $3, $2) }
  END {
    print "period    " period
    printf "requests  %d\nbytes     %.0f\nvisitors  %d\n", total, bytes, visitors
    for (i = 1; i <= 5; i++) printf "%dxx       %d\n", i, class[i]
    print "top urls"
    for (i = 1; i <= urls; i++) print top[i]
  }
' "$NEW/counts.ranked" >"$NEW/report.txt"
rm "$NEW/counts.ranked"
cat "$NEW/report.txt"
publish
