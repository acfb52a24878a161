#!/bin/sh
# Copies the lines of one business interval out of the raw log.
# Reads: WEBLOG_LOG, CAPRI_BIZ_START_MS and CAPRI_BIZ_END_MS (epoch milliseconds,
# so that it is right in any time zone). Writes: access.log, lines.
# The log is in time order but for a few minutes (servers log a request when it
# ends), so reading stops an hour past the interval.
begin
awk -v start="$((CAPRI_BIZ_START_MS / 1000))" -v end="$((CAPRI_BIZ_END_MS / 1000))" \
  -v lines="$NEW/lines" '
  BEGIN {
    split("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec", names, " ")
    for (i in names) number[names[i]] = i + 0 # a key is text, and "11" sorts before "2"
  }
  # days from 1970-01-01 to a civil date, in a calendar whose years begin in March
  function days(y, m, d) {
    if (m <= 2) { y--; m += 12 }
    return 365 * y + int(y / 4) - int(y / 100) + int(y / 400) + int((153 * (m - 3) + 2) / 5) + d - 719469
  }
  # epoch seconds of the minute "17/May/2015:10:05" at the offset "+0200"
  function minute(text, zone,    ahead) {
    ahead = (substr(zone, 2, 2) * 60 + substr(zone, 4, 2)) * 60
    if (substr(zone, 1, 1) == "-") ahead = -ahead
    return days(substr(text, 8, 4), number[substr(text, 4, 3)], substr(text, 1, 2)) * 86400 \
      + substr(text, 13, 2) * 3600 + substr(text, 16, 2) * 60 - ahead
  }
  {
    stamp = substr($0, index($0, "[") + 1, 26)
    if (stamp !~ /^[0-9][0-9]\/[A-Z][a-z][a-z]\/[0-9][0-9][0-9][0-9]:[0-9][0-9]:[0-9][0-9]:[0-9][0-9] [-+][0-9][0-9][0-9][0-9]$/) next
    key = substr(stamp, 1, 17) substr(stamp, 21)
    if (key != last) { last = key; base = minute(substr(stamp, 1, 17), substr(stamp, 22)) }
    at = base + substr(stamp, 19, 2)
    if (at >= end + 3600) exit
    if (at >= start && at < end) { print; n++ }
  }
  END { print n + 0 > lines }
' "$WEBLOG_LOG" >"$NEW/access.log"
read -r count <"$NEW/lines"
publish
echo "$count lines in $OUT"
