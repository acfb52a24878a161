package master_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/common/wire"
)

// mondayPlan says how the days around Monday, 1 June 2026, go.
type mondayPlan struct {
	zone       string
	engine     string
	begin, end string // wall times
	change     string // one task is saved anew
	rest       string // workers stop
	off, on    string // nobody is a master; empty: always somebody
	inTheNight func(c *cluster, faults *storetest.Faults)
	late       time.Duration // how much later than its base time a batch may be made that night
}

// monday lets the days go by and holds every row of generation against an
// independent calculation.
func monday(t *testing.T, p mondayPlan) {
	t.Helper()
	zone, err := time.LoadLocation(p.zone)
	if err != nil {
		t.Fatal(err)
	}
	wall := func(text string) time.Time {
		at, err := time.ParseInLocation(time.DateTime, text, zone)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	faults := &storetest.Faults{}
	s := setup{zone: p.zone, begin: wall(p.begin), stretch: 240, engine: p.engine, faults: faults}
	simulate(t, s, func(_ *testing.T, c *cluster) {
		c.startMaster("m2")
		g := &ledger{
			almanac: almanac{zone}, chores: map[string]*chore{}, created: time.Now(), done: wall(p.rest),
			extra: map[string]bool{}, said: map[string]bool{}, ids: map[string]int64{}, born: func(base time.Time) time.Time { return base }, late: p.late,
		}
		c.saves(g, mondayChores(zone, wall(p.change)))
		c.prepares(g)
		c.at(p.change)
		for name, v := range g.chores {
			if v.second != nil {
				c.define(name, v.second.spec())
			}
		}
		c.at(p.rest)
		c.stopWorker("w1")
		if p.off != "" {
			g.born = c.outage(p.off, p.on)
		}
		if p.inTheNight != nil {
			c.at("2026-06-01 00:00:30")
			p.inTheNight(c, faults)
		}
		c.at(p.end)
		g.upTo = time.Now()
		c.agrees(g)
		c.sound()
	})
}

// saves defines all tasks and learns their ids.
func (c *cluster) saves(g *ledger, chores []*chore) {
	c.t.Helper()
	var pairs []string
	for _, v := range chores {
		g.chores[v.name] = v
		pairs = append(pairs, v.name, v.spec())
	}
	c.define(pairs...)
	for name := range g.chores {
		g.ids[name] = c.objectID(store.HoldTask, name)
	}
	g.project = c.objectID(store.HoldProject, "alpha")
}

// prepares does what people and third parties do before the first batch.
func (c *cluster) prepares(g *ledger) {
	c.t.Helper()
	c.addWorker("w1")
	c.executes("m")
	from, to := g.created.AddDate(0, 0, -2).Format("20060102"), g.created.Format("20060102")
	plan, err := c.admin.Plan(c.t.Context(), wire.PlanRequest{Kind: "coldstart", Period: "day", From: from, To: to, Tasks: []string{"p_day"}, Reason: "from before it existed"})
	c.must(err)
	_, err = c.admin.ApplyPlan(c.t.Context(), plan)
	c.must(err)
	for n := range 3 {
		g.extra["p_day/"+g.created.AddDate(0, 0, -n).Format("20060102")] = true
	}
	for _, kind := range kinds() {
		gatherer := g.chores["d_"+kind]
		for _, l := range g.due(kind, g.created, g.created.AddDate(0, 0, 40)) {
			key := gatherer.thirds[0].key(l)
			if (l.n % 3) == 0 {
				g.said["bank/"+key] = true
				c.must(c.admin.Announce(c.t.Context(), wire.ThirdPartyRequest{Code: "bank", Key: key}))
			}
		}
	}
}

// outage stops every master for a time; it returns when batches are made.
func (c *cluster) outage(off, on string) func(base time.Time) time.Time {
	c.t.Helper()
	c.at(off)
	gone := time.Now()
	c.stopMaster("m1")
	c.stopMaster("m2")
	c.at(on)
	back := time.Now()
	c.startMaster("m1")
	c.startMaster("m2")
	c.elect("m2")
	return func(base time.Time) time.Time {
		if base.After(gone) && base.Before(back) {
			return back
		}
		return base
	}
}

// TestSimMondayTheFirst has all periods due in one night: hour and day at
// 00:01, week at 00:02, month at 00:05.
func TestSimMondayTheFirst(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines(t) {
		zones := []string{"Asia/Shanghai", "Europe/Berlin"}
		if engine != storetest.SQLite {
			zones = zones[1:]
		}
		for _, zone := range zones {
			t.Run(engine+"/"+strings.ReplaceAll(zone, "/", "-"), func(t *testing.T) {
				t.Parallel()
				monday(t, mondayPlan{zone: zone, engine: engine, begin: "2026-05-30 12:20:10", change: "2026-05-31 00:30:00", rest: "2026-05-31 21:30:00", end: "2026-06-01 01:30:00"})
			})
		}
	}
}

// TestSimMondayTheFirstIsMadeUp has no master on the 1st; the timeouts that
// were due meanwhile alarm once.
func TestSimMondayTheFirstIsMadeUp(t *testing.T) {
	t.Parallel()
	for days, p := range map[int]mondayPlan{
		12: {begin: "2026-05-20 12:20:10", change: "2026-05-22 18:20:00", rest: "2026-05-23 09:30:00", off: "2026-05-23 12:10:00", on: "2026-06-04 12:10:00", end: "2026-06-04 13:30:00"},
		35: {begin: "2026-05-09 12:20:10", change: "2026-05-10 18:20:00", rest: "2026-05-11 09:30:00", off: "2026-05-11 12:10:00", on: "2026-06-15 12:10:00", end: "2026-06-15 13:30:00"},
	} {
		for _, engine := range storetest.Engines(t) {
			if engine != storetest.SQLite && days > 12 {
				continue // nothing is different but the number of rows
			}
			t.Run(fmt.Sprintf("%dDays/%s", days, engine), func(t *testing.T) {
				t.Parallel()
				p := p
				p.zone, p.engine = "Asia/Shanghai", engine
				monday(t, p)
			})
		}
	}
}

// TestSimMondayTheFirstWithoutItsLeader takes the leader away at many instants
// of the night's generation: in the middle of transactions, before and after
// commits, with the next leader there at once or a little later.
func TestSimMondayTheFirstWithoutItsLeader(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines(t) {
		step := 5
		if engine != storetest.SQLite {
			step = 21
		}
		for k := 1; k <= nightInserts; k += step {
			name, breaks := "usurped", (*cluster).usurped
			if k%2 == 0 {
				name, breaks = "killed", (*cluster).killed
			}
			t.Run(fmt.Sprintf("%s/%s-%d", engine, name, k), func(t *testing.T) {
				t.Parallel()
				monday(t, mondayPlan{
					zone: "Asia/Shanghai", engine: engine, begin: "2026-05-31 19:20:10", change: "2026-05-31 20:40:00", rest: "2026-05-31 21:30:00", end: "2026-06-01 01:30:00",
					late: 10 * time.Second, inTheNight: func(c *cluster, faults *storetest.Faults) { c.atInsert(faults, k, func() { breaks(c) }) },
				})
			})
		}
	}
}

// nightInserts is how many statements insert rows between 00:00:30 and
// 00:15:01 of that night.
const nightInserts = 46

// atInsert calls do when the k-th statement that inserts rows is about to run.
func (c *cluster) atInsert(faults *storetest.Faults, k int, do func()) {
	n := 0
	faults.WatchText(func(query string) {
		if strings.HasPrefix(query, "INSERT") {
			if n++; n == k {
				do()
			}
		}
	})
}

// usurped makes another leader of which the present one hears only from the database.
func (c *cluster) usurped() { c.must(c.terms.Usurp("m2")) }

// killed ends the leader in the middle of what it does; three seconds later
// another leads, and after a minute the first is back.
func (c *cluster) killed() {
	c.nodes["m1"].cancel()
	go func() {
		<-time.After(3 * time.Second)
		c.must(c.terms.Elect("m2"))
		<-time.After(time.Minute)
		c.stopMaster("m1")
		c.startMaster("m1")
	}()
}
