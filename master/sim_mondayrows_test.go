package master_test

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"time"

	"capricornus/common/store"
)

// ledger is what the rows should be: each as one line of all that generation
// decides of it.
type ledger struct {
	almanac
	chores  map[string]*chore
	created time.Time                      // of all tasks
	upTo    time.Time                      // base times up to here are due
	born    func(base time.Time) time.Time // when the batch of a base time is made
	late    time.Duration                  // how much later it may be
	done    time.Time                      // what parents had to do by then is successful
	extra   map[string]bool                // task/workNo made by a cold start
	said    map[string]bool                // code/key announced
	ids     map[string]int64               // of tasks
	project int64
}

// rows are the lines of everything that should be there.
func (g *ledger) rows() []string {
	var out []string
	for name, c := range g.chores {
		if c.off || c.kind == "manual" {
			continue
		}
		for _, l := range g.due(c.kind, g.created, g.upTo) {
			if !c.valid(l) {
				continue
			}
			def, version := c, 1
			if c.second != nil && l.base.After(c.replaced) {
				def, version = c.second, 2
			}
			out = append(out, g.batch(name, version, def, l)...)
		}
	}
	slices.Sort(out)
	return out
}

// valid: exactly.md 3.
func (c *chore) valid(l leaf) bool {
	return (c.from.IsZero() || !l.start.Before(c.from)) && (c.to.IsZero() || !l.end.After(c.to))
}

func (g *ledger) batch(name string, version int, c *chore, l leaf) []string {
	ref := name + "/" + l.no
	born := g.born(l.base).UnixMilli()
	data, unmet := g.data(ref, c, l)
	thirds, open := g.thirdRows(ref, c, l)
	parents, waits := g.parentRows(ref, c, l)
	unmet += open + waits
	state, finish := 0, 0
	switch {
	case unmet == 0 && !l.base.After(g.done):
		state, finish = 3, 1
	case c.output != nil && c.output(l).Before(g.upTo):
		finish = 4
	case c.depend != nil && c.depend(l).Before(g.upTo):
		finish = 3
	}
	code := map[string]int{"cron": 1, "hour": 2, "day": 3, "month": 4, "week": 5}[c.kind]
	work := fmt.Sprintf("work %s.0 task=%d version=%d project=%d period=%d latest=1 origin=timer operation=0 priority=%d memory=%d schedule=%d biz=%d..%d created=%d earliest=%d depend=%d output=%d state=%d finish=%d unmet=%d",
		ref, g.ids[name], version, g.project, code, c.priority, c.memory, l.base.UnixMilli(), l.start.UnixMilli(), l.end.UnixMilli(), born,
		offset(c.earliest, l), offset(c.depend, l), offset(c.output, l), state, finish, unmet)
	return slices.Concat([]string{work}, data, thirds, parents, g.alarms(ref, c, l))
}

// alarms: one for each timeout that has passed (domain.md §9).
func (g *ledger) alarms(ref string, c *chore, l leaf) []string {
	var out []string
	for kind, at := range map[string]func(leaf) time.Time{store.AlertDependTimeout: c.depend, store.AlertOutputTimeout: c.output} {
		if at != nil && at(l).Before(g.upTo) {
			out = append(out, fmt.Sprintf("alert %s of %s, which was due at %d, in time", kind, ref, at(l).UnixMilli()))
		}
	}
	return out
}

// alarmedWithin is the latest that a timeout may be told after it is due, or
// after somebody leads again (domain.md §9).
const alarmedWithin = 2 * time.Minute

// alarms lists the alerts about timeouts that there are, each with whether it
// was raised in time and the batch marked with it.
func (c *cluster) alarms(g *ledger) []string {
	c.t.Helper()
	rows, err := c.db.Raw().QueryContext(c.t.Context(), `SELECT a.kind, a.createdAt, t.name, w.workNo,
CASE WHEN a.kind = 'depend-timeout' THEN w.dependDeadline ELSE w.outputDeadline END, CASE WHEN a.kind = 'depend-timeout' THEN w.dependTimeoutAt ELSE w.outputTimeoutAt END
FROM capri_alert a JOIN capri_task t ON t.id = a.taskId JOIN capri_task_work w ON w.taskId = t.id AND a.object = CONCAT(t.name, '/', w.workNo, '.0')
WHERE a.kind IN ('depend-timeout', 'output-timeout')`)
	c.must(err)
	defer rows.Close()
	var out []string
	for rows.Next() {
		var kind, task, no string
		var raised, due, marked int64
		c.must(rows.Scan(&kind, &raised, &task, &no, &due, &marked))
		heard := g.born(time.UnixMilli(due)) // when somebody leads who can tell
		when := "in time"
		if at := time.UnixMilli(raised); raised <= due || at.Before(heard) || at.After(heard.Add(alarmedWithin)) {
			when = fmt.Sprintf("at %d", raised)
		}
		if marked != raised {
			when += fmt.Sprintf(", but marked at %d", marked)
		}
		out = append(out, fmt.Sprintf("alert %s of %s/%s, which was due at %d, %s", kind, task, no, due, when))
	}
	c.must(rows.Err())
	return out
}

func offset(f func(leaf) time.Time, l leaf) int64 {
	if f == nil {
		return 0
	}
	return f(l).UnixMilli()
}

func (g *ledger) data(ref string, c *chore, l leaf) (rows []string, unmet int) {
	add := func(kind int, since string, places []place) {
		for _, p := range places {
			for _, path := range p.each(g.almanac, l) {
				sum := sha256.Sum256([]byte(path))
				rows = append(rows, fmt.Sprintf("data %s.0 n=%d type=%d path=%s hash=%d ready=%s state=0 since=%s",
					ref, len(rows), kind, path, binary.BigEndian.Uint64(sum[:8])>>1, p.ready, since))
			}
		}
	}
	add(1, "birth", c.inputs)
	unmet = len(rows)
	add(2, "0", c.outputs)
	return rows, unmet
}

func (g *ledger) thirdRows(ref string, c *chore, l leaf) (rows []string, unmet int) {
	for _, t := range c.thirds {
		key := t.key(l)
		state := 0
		if g.said[t.code+"/"+key] {
			state = 1
		} else {
			unmet++
		}
		rows = append(rows, fmt.Sprintf("third %s.0 n=%d code=%s key=%s state=%d since=birth", ref, len(rows), t.code, key, state))
	}
	return rows, unmet
}

func (g *ledger) parentRows(ref string, c *chore, l leaf) (rows []string, unmet int) {
	seen := map[string]bool{}
	add := func(task, no string, last, state int) {
		since := "birth"
		if last == 1 {
			since = "any" // an older batch may have been the newest for a while
		}
		if state == 0 {
			unmet++
		}
		rows = append(rows, fmt.Sprintf("parent %s.0 n=%d task=%d no=%s last=%d state=%d since=%s", ref, len(rows), g.ids[task], no, last, state, since))
	}
	for _, k := range c.parents {
		if k.last {
			state := 0
			if k.task == "m" {
				state = 1
			}
			add(k.task, "", 1, state)
			continue
		}
		for _, p := range g.slotsOf(k, l) {
			if key := k.task + "/" + p.no; !seen[key] {
				seen[key] = true
				add(k.task, p.no, 0, g.parentState(g.chores[k.task], p))
			}
		}
	}
	return rows, unmet
}

func (g *ledger) slotsOf(k kinship, l leaf) []leaf {
	kind := g.chores[k.task].kind
	if k.explicit {
		return g.counted(kind, l, k.from, k.to)
	}
	return g.within(kind, l)
}

// parentState: unmet 0, met 1, not applicable 2 (exactly.md 3).
func (g *ledger) parentState(p *chore, l leaf) int {
	extra := g.extra[p.name+"/"+l.no]
	switch {
	case !p.valid(l), p.from.IsZero() && l.base.Before(g.created) && !extra:
		return 2
	case strings.HasPrefix(p.name, "p_") && (extra || l.base.After(g.created) && !l.base.After(g.done)):
		return 1
	}
	return 0
}

// The rows as they are, in the words of the ledger: what became unmet as the
// batch was made is so since birth; a batch that was made late, but not too
// late, counts as made in time. What other services
// decide of a row is not in them.
const (
	mondayWorks = `SELECT 'work ', t.name, w.workNo, w.type, 'task=', w.taskId, 'version=', w.taskVersion, 'project=', w.projectId, 'period=', w.outputPeriod,
'latest=', w.latest, 'origin=', w.origin, 'operation=', w.operationId, 'priority=', w.priority, 'memory=', w.memory, 'schedule=', w.scheduleTime, 'biz=', w.bizStart, w.bizEnd,
'created=', CASE WHEN w.createdAt BETWEEN w.scheduleTime AND w.scheduleTime + %d THEN w.scheduleTime ELSE w.createdAt END, 'earliest=', w.earliestAt, 'depend=', w.dependDeadline, 'output=', w.outputDeadline, 'state=', w.state, 'finish=', w.finishState, 'unmet=', w.unmet
FROM capri_task_work w JOIN capri_task t ON t.id = w.taskId WHERE w.origin = 'timer'`
	mondayData = `SELECT 'data ', t.name, w.workNo, w.type, 'n=', d.n, 'type=', d.type, 'path=', d.path, 'hash=', d.pathHash, 'ready=', d.ready, 'state=', d.state, 'since=', CASE WHEN d.unmetSince = w.createdAt THEN 'birth' ELSE d.unmetSince END
FROM capri_task_data d JOIN capri_task_work w ON w.id = d.taskWorkId JOIN capri_task t ON t.id = w.taskId WHERE w.origin = 'timer'`
	mondayThirds = `SELECT 'third ', t.name, w.workNo, w.type, 'n=', d.n, 'code=', d.code, 'key=', d.dataNo, 'state=', d.state, 'since=', CASE WHEN d.unmetSince = w.createdAt THEN 'birth' ELSE d.unmetSince END
FROM capri_tthird_data d JOIN capri_task_work w ON w.id = d.taskWorkId JOIN capri_task t ON t.id = w.taskId WHERE w.origin = 'timer'`
	mondayParents = `SELECT 'parent ', t.name, w.workNo, w.type, 'n=', d.n, 'task=', d.parentTaskId, 'no=', d.parentTaskWorkNo, 'last=', d.lastRule, 'state=', d.state,
'since=', CASE WHEN d.lastRule = 1 AND d.unmetSince >= w.createdAt THEN 'any' WHEN d.unmetSince = w.createdAt THEN 'birth' ELSE d.unmetSince END
FROM capri_tparent_data d JOIN capri_task_work w ON w.id = d.taskWorkId JOIN capri_task t ON t.id = w.taskId WHERE w.origin = 'timer'`
)

// lines reads rows whose columns are a kind, task, work number, run number, and
// then names and values.
func (c *cluster) lines(query string) []string {
	c.t.Helper()
	rows, err := c.db.Raw().QueryContext(c.t.Context(), query)
	c.must(err)
	defer rows.Close()
	cols, err := rows.Columns()
	c.must(err)
	values, to := make([]string, len(cols)), make([]any, len(cols))
	for i := range values {
		to[i] = &values[i]
	}
	var out []string
	for rows.Next() {
		c.must(rows.Scan(to...))
		var b strings.Builder
		fmt.Fprintf(&b, "%s%s/%s.%s", values[0], values[1], values[2], values[3])
		after := false // a value without a name of its own
		for _, v := range values[4:] {
			switch {
			case strings.HasSuffix(v, "=") && len(v) < 12:
				b.WriteString(" " + v)
				after = false
			case after:
				b.WriteString(".." + v)
			default:
				b.WriteString(v)
				after = true
			}
		}
		out = append(out, b.String())
	}
	c.must(rows.Err())
	return out
}

// agrees holds the rows against the ledger.
func (c *cluster) agrees(g *ledger) {
	c.t.Helper()
	var got []string
	for _, q := range []string{fmt.Sprintf(mondayWorks, g.late.Milliseconds()), mondayData, mondayThirds, mondayParents} {
		got = append(got, c.lines(q)...)
	}
	got = append(got, c.alarms(g)...)
	slices.Sort(got)
	want := g.rows()
	missing, surplus := difference(want, got), difference(got, want)
	for i := range min(len(missing), 12) {
		c.t.Errorf("got no %s", missing[i])
	}
	for i := range min(len(surplus), 12) {
		c.t.Errorf("got     %s, want none such", surplus[i])
	}
	if len(missing)+len(surplus) > 0 {
		c.t.Errorf("of %d rows got %d missing and %d surplus", len(want), len(missing), len(surplus))
	}
	c.t.Logf("%d rows are as calculated", len(want))
}

// difference lists what the first sorted list has more often than the second.
func difference(a, b []string) []string {
	var out []string
	for i, j := 0, 0; i < len(a); i++ {
		for j < len(b) && b[j] < a[i] {
			j++
		}
		if j < len(b) && b[j] == a[i] {
			j++
			continue
		}
		out = append(out, a[i])
	}
	return out
}
