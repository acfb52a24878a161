package master_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// chore is a task twice over: as its file says it, and as the arithmetic of
// the test understands it.
type chore struct {
	name, kind string
	lines      []string // of its spec
	off        bool     // disabled
	priority   int
	memory     int64
	from, to   time.Time // validity
	earliest   func(leaf) time.Time
	depend     func(leaf) time.Time
	output     func(leaf) time.Time
	inputs     []place
	outputs    []place
	thirds     []announcement
	parents    []kinship
	// second is the definition that replaces this one at an instant; nil: none does.
	second   *chore
	replaced time.Time
}

// place is a path: as written, and what it is for a slot.
type place struct {
	text, ready, window string
	each                func(almanac, leaf) []string
}

// announcement is a third party's data.
type announcement struct {
	code, text string
	key        func(leaf) string
}

// kinship is one entry of parents: the default window, or from and to periods
// away, or the newest batch.
type kinship struct {
	task     string
	explicit bool
	from, to int
	last     bool
}

func (k kinship) String() string {
	switch {
	case k.last:
		return fmt.Sprintf("{task: %s, last: true}", k.task)
	case k.explicit && k.from == k.to:
		return fmt.Sprintf("{task: %s, offset: %d}", k.task, k.from)
	case k.explicit:
		return fmt.Sprintf("{task: %s, range: [%d, %d]}", k.task, k.from, k.to)
	}
	return fmt.Sprintf("{task: %s}", k.task)
}

// spec is the inside of the task's spec in the file.
func (c *chore) spec() string {
	lines := append([]string{"period: " + c.kind, fmt.Sprintf("priority: %d", c.priority), fmt.Sprintf("enabled: %v", !c.off)}, c.lines...)
	if c.kind == "cron" {
		lines = append(lines, fmt.Sprintf("cron: %q", almanacCron))
	}
	list := func(name string, entries []string) {
		if len(entries) > 0 {
			lines = append(lines, name+": ["+strings.Join(entries, ", ")+"]")
		}
	}
	list("inputs", entriesOf(c.inputs))
	list("outputs", entriesOf(c.outputs))
	var thirds, parents []string
	for _, t := range c.thirds {
		thirds = append(thirds, fmt.Sprintf("{code: %s, key: %q}", t.code, t.text))
	}
	for _, p := range c.parents {
		parents = append(parents, p.String())
	}
	list("thirdParties", thirds)
	list("parents", parents)
	return strings.Join(lines, ", ")
}

func entriesOf(places []place) []string {
	var out []string
	for _, p := range places {
		entry := fmt.Sprintf("{path: %q, ready: %s", p.text, p.ready)
		if p.window != "" {
			entry += ", window: " + p.window
		}
		out = append(out, entry+"}")
	}
	return out
}

// mondayChores are tasks of every period, of every form of dependency on every
// period, of paths, keys, offsets and validity.
func mondayChores(zone *time.Location, changes time.Time) []*chore {
	var out []*chore
	for _, kind := range kinds() {
		out = append(out, &chore{name: "p_" + kind, kind: kind, priority: 1})
	}
	edge := &chore{
		name: "p_edge", kind: "hour", priority: 1, lines: []string{`valid: {from: "2026-05-31T12:30", to: "2026-06-01T03:00"}`},
		from: time.Date(2026, 5, 31, 12, 30, 0, 0, zone), to: time.Date(2026, 6, 1, 3, 0, 0, 0, zone),
	}
	out = append(out, edge, &chore{name: "m", kind: "manual", priority: 1})
	for _, kind := range kinds() {
		out = append(out, children(kind)...)
		out = append(out, gatherer(kind))
	}
	out = append(out, &chore{name: "x_day", kind: "day", off: true})
	return append(out, changed(changes))
}

// children are the tasks of one period that wait for parents of every period.
func children(kind string) []*chore {
	var out []*chore
	forms := map[string]kinship{"default": {}, "offset": {explicit: true, from: -1, to: -1}, "range": {explicit: true, from: -2, to: 0}, "last": {last: true}}
	for _, form := range slices.Sorted(maps.Keys(forms)) {
		k := forms[form]
		c := &chore{name: "k_" + kind + "_" + form, kind: kind, priority: 4, thirds: []announcement{never()}}
		for _, parent := range kinds() {
			k.task = "p_" + parent
			c.parents = append(c.parents, k)
		}
		switch form {
		case "default":
			c.parents = append(c.parents, kinship{task: "p_edge"}, kinship{task: "p_hour", explicit: true}) // the last says nothing new where the default names that slot
		case "offset":
			c.parents = append(c.parents, kinship{task: c.name, explicit: true, from: -1, to: -1})
		case "last":
			c.parents = append(c.parents, kinship{task: "m", last: true})
		}
		out = append(out, c)
	}
	return out
}

// never is what no third party ever announces, so that a batch goes on waiting.
func never() announcement {
	return announcement{code: "never", text: "{{ work_no }}", key: func(l leaf) string { return l.no }}
}

// gatherer is the task of one period with paths, keys and times.
func gatherer(kind string) *chore {
	c := &chore{
		name: "d_" + kind, kind: kind, priority: 7, memory: 3 << 29, lines: []string{"workers: {memory: 1536Mi}"},
		thirds: []announcement{
			{"bank", "{{ biz_date -1d }}-{{ work_no }}", func(l leaf) string { return l.start.AddDate(0, 0, -1).Format("20060102") + "-" + l.no }},
			never(),
			{"bank", "{{ schedule yyyyMMddHHmm }}", func(l leaf) string { return l.base.Format("200601021504") }},
		},
		inputs: []place{
			{"file:///none/{{ biz yyyy/MM/dd/HH }}/x", "exists", "hours", func(a almanac, l leaf) []string {
				return each(a.pieces("hour", l), func(p leaf) string { return "file:///none/" + p.start.Format("2006/01/02/15") + "/x" })
			}},
			{"file:///none/{{ biz_date }}-{{ biz_end HH }}", "non-empty", "days", func(a almanac, l leaf) []string {
				return each(a.pieces("day", l), func(p leaf) string { return "file:///none/" + p.start.Format("20060102") + "-00" })
			}},
			{"file:///none/{{ biz_end -1h yyyyMMddHH }}", "_SUCCESS", "", func(_ almanac, l leaf) []string {
				return []string{"file:///none/" + l.end.Add(-time.Hour).Format("2006010215")}
			}},
			{"file:///none/{{ task }}/{{ schedule.month_begin -1M yyyyMM }}-{{ schedule.week_begin MMdd }}-{{ biz.month_end yyyyMMdd }}", "_SUCCESS", "", aligned},
		},
		outputs: []place{
			{"file:///out/{{ task }}/{{ work_no }}", "non-empty", "", func(_ almanac, l leaf) []string { return []string{"file:///out/d_" + l.kind + "/" + l.no} }},
			{"file:///out/{{ biz_date }}/{{ biz_hour }}/" + kind, "_SUCCESS", "", func(_ almanac, l leaf) []string {
				return []string{"file:///out/" + l.start.Format("20060102/15") + "/" + l.kind}
			}},
		},
	}
	if kind == "hour" || kind == "cron" {
		c.lines = append(c.lines, "earliest: 7", "timeouts: {depend: 25, output: 40}")
		c.earliest, c.depend, c.output = minutes(7), minutes(25), minutes(40)
		return c
	}
	c.lines = append(c.lines, `earliest: "10:00"`, `timeouts: {depend: "05:30", output: "17:45"}`)
	c.earliest, c.depend, c.output = clock(10, 0), clock(5, 30), clock(17, 45)
	return c
}

// aligned is the path of a gatherer that has aligns.
func aligned(_ almanac, l leaf) []string {
	month := time.Date(l.base.Year(), l.base.Month()-1, 1, 0, 0, 0, 0, time.UTC)
	monday := l.base.Day() - (int(l.base.Weekday())+6)%7
	week := time.Date(l.base.Year(), l.base.Month(), monday, 0, 0, 0, 0, time.UTC)
	end := time.Date(l.start.Year(), l.start.Month()+1, 0, 0, 0, 0, 0, time.UTC)
	return []string{fmt.Sprintf("file:///none/d_%s/%s-%s-%s", l.kind, month.Format("200601"), week.Format("0102"), end.Format("20060102"))}
}

func each(pieces []leaf, text func(leaf) string) []string {
	var out []string
	for _, p := range pieces {
		out = append(out, text(p))
	}
	return out
}

// minutes is an offset written in minutes after the base time.
func minutes(n int) func(leaf) time.Time {
	return func(l leaf) time.Time { return l.base.Add(time.Duration(n) * time.Minute) }
}

// clock is an offset written as a clock time of the day of the base time.
func clock(hour, minute int) func(leaf) time.Time {
	return func(l leaf) time.Time {
		return time.Date(l.base.Year(), l.base.Month(), l.base.Day(), hour, minute, 0, 0, l.base.Location())
	}
}

// changed is a task that is saved a second time.
func changed(at time.Time) *chore {
	v := &chore{name: "v_day", kind: "day", priority: 2, parents: []kinship{{task: "p_hour"}}, thirds: []announcement{never()}}
	v.second = &chore{name: "v_day", kind: "day", priority: 8, parents: []kinship{{task: "p_week"}}, thirds: []announcement{never()}}
	v.replaced = at
	return v
}
