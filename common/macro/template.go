package macro

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"capricornus/common/period"
)

// Values are what a template is expanded with.
type Values struct {
	Slot    period.Slot    // schedule is its base time
	Zone    *time.Location // of the printed dates; nil means UTC
	Task    string
	Run     int
	Attempt int
}

// Windows of ExpandEach: one text for each hour or day of the interval.
const (
	WindowHours = "hours"
	WindowDays  = "days"
)

// Template is a parsed text. It is not changed after Parse and can be used by
// several goroutines.
type Template struct {
	parts []part
}

// part is literal text, or a macro when it has a name.
type part struct {
	text    string
	name    string
	align   string
	shifts  []shift
	pattern []token
}

// shift is one ±N unit.
type shift struct {
	count int
	unit  byte
}

// token is a piece of a pattern: a run of date letters or literal text.
type token struct {
	letters string // yyyy MM dd HH mm ss, empty for text
	text    string
}

// Error is what is wrong with a text, and where.
type Error struct {
	Offset  int // byte at which the trouble begins
	Message string
}

// Error returns the message with the place.
func (e *Error) Error() string {
	return fmt.Sprintf("%s (at byte %d)", e.Message, e.Offset)
}

// HasDate tells whether the text differs from one period to the next.
func (t *Template) HasDate() bool {
	for _, p := range t.parts {
		if p.isDate() || p.name == "work_no" {
			return true
		}
	}
	return false
}

// UsesRun tells whether the text differs from one run of a work number to the
// next, by run or by attempt.
func (t *Template) UsesRun() bool {
	for _, p := range t.parts {
		if p.name == "run" || p.name == "attempt" {
			return true
		}
	}
	return false
}

// isDate tells whether the part is an anchor or a shortcut of one.
func (p part) isDate() bool { return len(p.pattern) > 0 }

// Expand returns the text for one batch.
func (t *Template) Expand(v Values) string {
	if v.Zone == nil {
		v.Zone = time.UTC
	}
	var b strings.Builder
	for _, p := range t.parts {
		p.write(&b, v)
	}
	return b.String()
}

// write appends what the part stands for.
func (p part) write(b *strings.Builder, v Values) {
	switch p.name {
	case "":
		b.WriteString(p.text)
	case "work_no":
		b.WriteString(v.Slot.WorkNo)
	case "task":
		b.WriteString(v.Task)
	case "run":
		b.WriteString(strconv.Itoa(v.Run))
	case "attempt":
		b.WriteString(strconv.Itoa(v.Attempt))
	case "schedule":
		p.writeTime(b, v.Slot.Base, v.Zone)
	case "biz_end":
		p.writeTime(b, v.Slot.BizEnd, v.Zone)
	default: // biz, biz_date, biz_hour
		p.writeTime(b, v.Slot.BizStart, v.Zone)
	}
}

// ExpandEach returns the texts for each hour or day that the business interval
// has a part in, in order and each text once: biz is the start of the hour or
// day and biz_end its end. With another window, or without an interval, it is
// the text that Expand returns.
func (t *Template) ExpandEach(v Values, window string) []string {
	pieces := piecesOf(v, window)
	if len(pieces) == 0 {
		return []string{t.Expand(v)}
	}
	seen := make(map[string]bool, len(pieces))
	var texts []string
	for _, piece := range pieces {
		v.Slot.BizStart, v.Slot.BizEnd = piece.BizStart, piece.BizEnd
		if text := t.Expand(v); !seen[text] {
			seen[text] = true
			texts = append(texts, text)
		}
	}
	return texts
}

// piecesOf cuts the business interval; the slots of the finer period have the
// pieces as their business intervals.
func piecesOf(v Values, window string) []period.Slot {
	kind := period.Hour
	switch window {
	case WindowHours:
	case WindowDays:
		kind = period.Day
	default:
		return nil
	}
	if v.Zone == nil {
		v.Zone = time.UTC
	}
	cycle, err := period.NewCycle(kind, "", v.Zone)
	if err != nil || !v.Slot.BizStart.Before(v.Slot.BizEnd) {
		return nil
	}
	pieces := cycle.Within(v.Slot.BizStart, v.Slot.BizEnd)
	if n := len(pieces); n > 0 && pieces[n-1].BizEnd.Equal(v.Slot.BizEnd) {
		return pieces
	}
	// The interval of a cron batch can end inside an hour.
	if tail, ok := cycle.Step(cycle.Now(v.Slot.BizEnd), 1); ok {
		pieces = append(pieces, tail)
	}
	return pieces
}
