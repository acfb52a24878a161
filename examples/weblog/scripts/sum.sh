#!/bin/sh
# Adds the figures of several days up.
# Reads: the days' counts as arguments; days that have none are left out.
# Writes: counts.tsv, days.
begin
: >"$NEW/counts.all"
days=0
for file in "$@"; do
  [ -f "$file" ] || continue
  cat "$file" >>"$NEW/counts.all"
  days=$((days + 1))
done
echo "$days" >"$NEW/days"
awk -F '\t' '
  { key = $1 "\t" $2; requests[key] += $3; bytes[key] += $4 }
  END { for (key in requests) printf "%s\t%d\t%.0f\n", key, requests[key], bytes[key] }
' "$NEW/counts.all" >"$NEW/counts.unsorted"
sort "$NEW/counts.unsorted" >"$NEW/counts.tsv"
rm "$NEW/counts.all" "$NEW/counts.unsorted"
