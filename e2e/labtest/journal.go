package labtest

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// The kinds of lines of the journal.
const (
	Began   = "start"
	Ended   = "end"
	Ending  = "term"    // an attempt was sent SIGTERM
	Overlap = "overlap" // an attempt has begun while a process of one before it was there
)

// script is what every task of a cluster runs: it notes its start, takes as long
// as TAKES says, notes its end and exits with what CODE says. One write with
// O_APPEND is one line, so the order of lines is the order of what happened. The
// second and later attempts look for processes of those before them, which the
// kernel shows whatever host they are on.
const script = `note() {
  read -r monotonic rest </proc/uptime
  printf '%s %s %s %s %s %s\n' "$1" "$CAPRI_ATTEMPT" "$CAPRI_HOST" "$$" "$(date +%s%6N)" "$monotonic" >>"$LAB/journal"
}
if [ "$CAPRI_ATTEMPT_NO" -gt 1 ]; then
  batch=${CAPRI_ATTEMPT%#*}
  grep -F "start $batch#" "$LAB/journal" | while read -r kind attempt host pid rest; do
    if tr '\0' '\n' <"/proc/$pid/environ" 2>/dev/null | grep -qxF "CAPRI_ATTEMPT=$attempt"; then note overlap; fi
  done
fi
trap 'note term; exit 143' TERM
note start
eval "sleep $TAKES"
note end
eval "exit $CODE"
`

// Line is one line of the journal.
type Line struct {
	Kind      string // Began, Ended, Ending, Overlap
	Batch     string // task/workNo.run
	Attempt   int
	Host      string
	PID       int
	At        time.Time     // by the clock of the machine, to the microsecond
	Monotonic time.Duration // since the machine's start, in steps of 10 ms
}

// Journal reads what the scripts have written, in the order it happened. It is
// safe for concurrent use.
func (c *Cluster) Journal() []Line {
	c.Helper()
	text, err := os.ReadFile(c.path("journal"))
	if err != nil {
		c.Fatalf("read the journal: %v", err)
	}
	lines, err := parseJournal(string(text))
	if err != nil {
		c.Fatalf("%v", err)
	}
	return lines
}

// parseJournal reads whole lines; a last one without its end is being written.
func parseJournal(text string) ([]Line, error) {
	var lines []Line
	for line := range strings.Lines(text) {
		if !strings.HasSuffix(line, "\n") {
			break
		}
		parsed, err := parseLine(line)
		if err != nil {
			return nil, fmt.Errorf("journal: %q: %w", line, err)
		}
		lines = append(lines, parsed)
	}
	return lines, nil
}

func parseLine(line string) (Line, error) {
	var l Line
	var code string
	var wall int64
	var monotonic float64
	if _, err := fmt.Sscan(line, &l.Kind, &code, &l.Host, &l.PID, &wall, &monotonic); err != nil {
		return l, err
	}
	batch, attempt, _ := strings.Cut(code, "#")
	n, err := strconv.Atoi(attempt)
	if err != nil {
		return l, err
	}
	l.Batch, l.Attempt, l.At = batch, n, time.UnixMicro(wall)
	l.Monotonic = time.Duration(monotonic * float64(time.Second))
	return l, nil
}
