#!/bin/sh
# Parses lines of the combined log format into columns separated by tabs:
# time, visitor's address, method, url, status, bytes, referer, agent.
# Reads: $1, a raw log. Writes: access.tsv.
# Every line of the input is a line of the output: what cannot be read is empty.
begin
awk -F '"' -v OFS='\t' '
  BEGIN {
    split("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec", names, " ")
    for (i in names) number[names[i]] = sprintf("%02d", i)
  }
  function iso(stamp) {
    return substr(stamp, 8, 4) "-" number[substr(stamp, 4, 3)] "-" substr(stamp, 1, 2) "T" \
      substr(stamp, 13, 8) substr(stamp, 22, 3) ":" substr(stamp, 25, 2)
  }
  {
    gsub(/\t/, " ")
    gsub(/\\"/, "\047") # an escaped quote does not end a field; as a quote it would
    split($1, head, " ")
    split($2, request, " ")
    split($3, result, " ")
    bytes = result[2] ~ /^[0-9]+$/ ? result[2] : 0 # "-" when nothing was sent
    print iso(substr($1, index($1, "[") + 1, 26)), head[1], request[1], request[2], result[1], bytes, $4, $6
  }
' "$1" >"$NEW/access.tsv"
publish
echo "$OUT/access.tsv is there"
