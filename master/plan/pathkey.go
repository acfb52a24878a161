package plan

import (
	"strings"
	"time"

	"capricornus/common/macro"
	"capricornus/common/period"
)

// probe finds out what a path of a task means by expanding it for made-up
// batches: a template that gives the same text twice as another means the same
// path, however it is written.
type probe struct {
	any []macro.Values // the same for all tasks: also tells templates of different periods alike
	own []macro.Values // the task's batches that end at fixed instants: {{ biz_end -1d yyyyMMdd }} of a day is its {{ biz_date }}
}

// moment makes the instant of a probe: no two parts of any two are alike.
func moment(text string) time.Time {
	t, err := time.Parse(time.DateTime, text)
	if err != nil {
		panic(err) // a constant
	}
	return t
}

func newProbe(n *node, zone *time.Location) probe {
	with := func(s period.Slot, zone *time.Location) macro.Values {
		return macro.Values{Slot: s, Zone: zone, Task: n.name, Run: 37, Attempt: 73}
	}
	p := probe{any: []macro.Values{
		with(period.Slot{WorkNo: "2009011723", Base: moment("2009-02-18 22:41:53"), BizStart: moment("2007-11-25 17:43:51"), BizEnd: moment("2008-10-26 19:47:58")}, time.UTC),
		with(period.Slot{WorkNo: "2013042109", Base: moment("2013-05-22 08:39:46"), BizStart: moment("2011-08-14 05:36:44"), BizEnd: moment("2012-07-16 07:34:42")}, time.UTC),
	}}
	// Two Mondays that are the first of a month of 31 days after one of 30: here
	// hours, days, weeks and months end together.
	for _, day := range []string{"2018-10-01 00:00:00", "2019-07-01 00:00:00"} {
		if s, ok := n.cycle.Latest(period.At(moment(day), zone)); ok {
			p.own = append(p.own, with(s, zone))
		}
	}
	return p
}

// keys returns what a path means, in both views.
func (p probe) keys(path, window string) []string {
	template, err := macro.Parse(path)
	if err != nil {
		return nil // lint refuses it, and so does the making of a batch
	}
	texts := make([]string, len(p.any))
	for i, v := range p.any {
		texts[i] = template.Expand(v)
	}
	keys := []string{"any\x00" + strings.Join(texts, "\x00")}
	if len(p.own) < len(p.any) {
		return keys
	}
	for i, v := range p.own {
		each := template.ExpandEach(v, window)
		texts[i] = each[len(each)-1] // the last hour or day is the one that a finer parent's batch ends with
	}
	return append(keys, "own\x00"+strings.Join(texts, "\x00"))
}
