package why

import (
	"fmt"
	"strings"
	"time"

	"capricornus/common/batch"
)

// Chinese and English are the languages that explanations know; any other is English.
const (
	Chinese = "zh"
	English = "en"
)

// speech says things in one language and one time zone.
type speech struct {
	lang string
	zone *time.Location
}

// of says a sentence of the catalogue.
func (s speech) of(w word, args ...any) string {
	text, known := catalogue()[w]
	if !known {
		return string(w)
	}
	form := text.en
	if s.lang == Chinese {
		form = text.zh
	}
	if len(args) == 0 {
		return form
	}
	return fmt.Sprintf(form, args...)
}

// gate says what stops a batch, as the scheduler notes it.
func (s speech) gate(g batch.GateCode, args ...string) string {
	return s.message(batch.Message(g, args...))
}

// message says a sentence as the database keeps it; what people and programs
// wrote stays in their own words.
func (s speech) message(text string) string {
	if s.lang == Chinese && strings.HasPrefix(text, `["`+string(batch.GateWorker)+`"`) {
		return s.of(noneFits) // its argument is English
	}
	return batch.Say(text, s.lang, s.zone)
}

// at says an instant, UTC milliseconds.
func (s speech) at(ms int64) string {
	return time.UnixMilli(ms).In(s.zone).Format(time.DateTime)
}

// span says a length of time in its two largest units.
func (s speech) span(ms int64) string {
	units := []struct {
		millis int64
		name   word
	}{{24 * 3600_000, unitDay}, {3600_000, unitHour}, {60_000, unitMinute}, {1000, unitSecond}, {1, unitMilli}}
	ms = max(ms, 0)
	for i, u := range units {
		if ms < u.millis {
			continue
		}
		text := s.of(u.name, ms/u.millis)
		if u.millis > 1000 {
			if rest := ms % u.millis / units[i+1].millis; rest > 0 {
				text += " " + s.of(units[i+1].name, rest)
			}
		}
		return text
	}
	return s.of(unitSecond, 0)
}

// memory says a number of bytes.
func (s speech) memory(n int64) string {
	units := []string{"bytes", "KiB", "MiB", "GiB", "TiB"}
	x, i := float64(n), 0
	for x >= 1024 && i < len(units)-1 {
		x, i = x/1024, i+1
	}
	return strings.TrimSuffix(fmt.Sprintf("%.1f", x), ".0") + " " + units[i]
}

// finish says a result.
func (s speech) finish(f batch.Finish) string {
	switch f {
	case batch.Success:
		return s.of(finishSuccess)
	case batch.Failed:
		return s.of(finishFailed)
	case batch.Killed:
		return s.of(finishKilled)
	case batch.Skipped:
		return s.of(finishSkipped)
	case batch.Lost:
		return s.of(finishLost)
	case batch.None, batch.DependTimeout, batch.OutputTimeout:
	}
	return f.String()
}

// state says a state of a batch.
func (s speech) state(st batch.State) string {
	switch st {
	case batch.Waiting:
		return s.of(stateWaiting)
	case batch.Assigned:
		return s.of(stateAssigned)
	case batch.Running:
		return s.of(stateRunning)
	case batch.Done:
		return s.of(stateDone)
	case batch.Nothing:
	}
	return st.String()
}
