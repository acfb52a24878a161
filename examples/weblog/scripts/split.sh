#!/bin/sh
# Copies the lines of one business interval out of the raw log.
# Reads: $1, the log, and CAPRI_BIZ_START and CAPRI_BIZ_END, instants with their
# offset; the log's stamps have one too, so the time zone of either is free.
# Writes: access.log, lines.
# The log is in time order but for a few minutes (servers log a request when it
# ends), so reading stops an hour past the interval.
begin
awk -v from="${CAPRI_BIZ_START:?}" -v to="${CAPRI_BIZ_END:?}" -v lines="$NEW/lines" '
  # days from 1970-01-01 to a civil date, in a calendar whose years begin in March
  function days(y, m, d) {
    if (m <= 2) { y--; m += 12 }
    return 365 * y + int(y / 4) - int(y / 100) + int(y / 400) + int((153 * (m - 3) + 2) / 5) + d - 719469
  }
  # epoch seconds of a day and an "HH:mm" at an offset like "+0530"
  function epoch(y, m, d, clock, zone,    ahead) {
    ahead = (substr(zone, 2, 2) * 60 + substr(zone, 4, 2)) * 60
    if (substr(zone, 1, 1) == "-") ahead = -ahead
    return days(y + 0, m + 0, d + 0) * 86400 + substr(clock, 1, 2) * 3600 + substr(clock, 4, 2) * 60 - ahead
  }
  # epoch seconds of "2015-05-17T10:00:00+05:30" or "…Z"
  function instant(text,    zone) {
    zone = substr(text, 20)
    gsub(/:/, "", zone)
    return epoch(substr(text, 1, 4), substr(text, 6, 2), substr(text, 9, 2), substr(text, 12, 5), zone) + substr(text, 18, 2)
  }
  # epoch seconds of the minute that "17/May/2015:10:05:03 +0530" is in
  function minute(stamp) {
    return epoch(substr(stamp, 8, 4), number[substr(stamp, 4, 3)], substr(stamp, 1, 2), substr(stamp, 13, 5), substr(stamp, 22))
  }
  BEGIN {
    split("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec", names, " ")
    for (i in names) number[names[i]] = i
    start = instant(from)
    end = instant(to)
  }
  {
    stamp = substr($0, index($0, "[") + 1, 26)
    if (stamp !~ /^[0-9][0-9]\/[A-Z][a-z][a-z]\/[0-9][0-9][0-9][0-9]:[0-9][0-9]:[0-9][0-9]:[0-9][0-9] [-+][0-9][0-9][0-9][0-9]$/) next
    key = substr(stamp, 1, 17) substr(stamp, 22) # the arithmetic is done once a minute
    if (key != last) { last = key; base = minute(stamp) }
    at = base + substr(stamp, 19, 2)
    if (at >= end + 3600) exit
    if (at >= start && at < end) { print; n++ }
  }
  END { print n + 0 > lines }
' "$1" >"$NEW/access.log"
read -r count <"$NEW/lines"
publish
echo "$count lines in $OUT"
