package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"capricornus/common/store"
	"capricornus/common/wire"
	"capricornus/master"
	"capricornus/master/notice/channel"
)

// What the storm is made of: each task has stormHours batches that wait for a
// third party and are late a minute after they were made.
const (
	stormHours  = 20
	stormPeople = 20
)

// benchAlerts has thousands of batches time out in one minute: how long until
// all are recorded and until the last message has left, what one person gets at
// most, and how empty batches run meanwhile against alone.
func benchAlerts(ctx context.Context, e engine, o options) (err error) {
	told := newPostbox()
	c, err := startCluster(ctx, e, func(cfg *master.Config) { cfg.Senders = channel.Senders{Mail: told, SMS: told} })
	if err != nil {
		return err
	}
	defer func() { err = firstError(err, c.stop()) }()
	if err := stormOf(ctx, c, o.alerts/stormHours); err != nil {
		return err
	}
	if err := c.apply(ctx, taskText("empty", "hour", "", ":", 1000)); err != nil {
		return err
	}
	alone, err := c.emptyRun(ctx, o.batches/2)
	if err != nil {
		return err
	}
	due := time.Now().Add(time.Minute)
	from, to := hours(stormHours)
	if err := c.coldStart(ctx, from, to, stormTasks(o.alerts/stormHours)...); err != nil {
		return err
	}
	s := &storm{cluster: c, ctx: ctx, want: o.alerts / stormHours * stormHours, due: due}
	if err := until(ctx, s.begun); err != nil {
		return err
	}
	meanwhile, err := c.emptyRun(ctx, o.batches/2)
	if err != nil {
		return err
	}
	if err := until(ctx, s.over); err != nil {
		return err
	}
	people, most, named := told.counts()
	fmt.Fprintf(os.Stdout, "%-10s %d timeouts: recorded after %.0f s, told after %.0f s of their minute; %d people, at most %d mails each; at least %d of %d named in them\n",
		e.name, s.want, s.recorded.Seconds(), s.told.Seconds(), people, most, named, s.want)
	rate(e, "empty batches meanwhile, raw: alone", o.batches/2, meanwhile, alone)
	return nil
}

// storm is what is looked at while alerts are raised and told.
type storm struct {
	*cluster

	ctx            context.Context //nolint:containedctx // of the bench, whose callbacks take none
	want           int
	due            time.Time
	recorded, told time.Duration
	looks          int
}

// begun waits for the first alerts.
func (s *storm) begun() (bool, error) {
	list, err := s.client.Alerts(s.ctx, wire.AlertQuery{Kind: store.AlertDependTimeout, Limit: 1})
	return len(list.Items) > 0, err
}

// over waits until all are recorded and every message has left.
func (s *storm) over() (bool, error) {
	if s.looks++; s.looks%10 != 0 { // a look costs what is measured
		return false, nil
	}
	var recorded, waiting int64
	err := s.db.View(s.ctx, func(t *store.ViewTx) error {
		counts, err := t.AlertCounts(s.ctx, s.due.Add(-time.Hour).UnixMilli(), s.due.Add(time.Hour).UnixMilli())
		if err != nil {
			return err
		}
		for _, n := range counts {
			if n.Kind == store.AlertDependTimeout {
				recorded += int64(n.Count)
			}
		}
		left, err := t.UndealtAlerts(s.ctx, 1)
		if err != nil || len(left) > 0 {
			waiting = 1
			return err
		}
		waiting, err = t.NextDue(s.ctx, "mail", "sms", "phone")
		return err
	})
	if err != nil {
		return false, err
	}
	if s.recorded == 0 && recorded >= int64(s.want) {
		s.recorded = time.Since(s.due)
	}
	s.told = time.Since(s.due)
	return s.recorded > 0 && waiting == 0, nil
}

// stormOf applies the tasks and makes the people of their owner's department.
func stormOf(ctx context.Context, c *cluster, tasks int) error {
	var text strings.Builder
	text.WriteString(project)
	for i := range tasks {
		fmt.Fprintf(&text, `apiVersion: capri/v1
kind: Task
metadata: {name: storm_%d, project: bench, owner: admin}
spec:
  period: hour
  thirdParties: [{code: pay, key: "{{ work_no }}_%d"}]
  timeouts: {depend: 1}
  run: {type: shell, script: ":"}
---
`, i, i)
	}
	if err := stormFolk(ctx, c.db); err != nil {
		return err
	}
	return c.apply(ctx, text.String())
}

func stormTasks(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("storm_%d", i)
	}
	return out
}

func stormFolk(ctx context.Context, db *store.DB) error {
	ids, err := db.IDs(ctx, stormPeople+1)
	if err != nil {
		return err
	}
	return db.Operate(ctx, store.Actor{Kind: "bench", ID: "bench"}, func(t *store.OperateTx) error {
		if err := t.PutDepartment(ctx, ids[stormPeople], "storm"); err != nil {
			return err
		}
		for i := range stormPeople {
			name := fmt.Sprintf("person%d", i)
			p := store.Person{ID: ids[i], Name: name, Role: "developer", DepartmentID: ids[stormPeople], Mail: name + "@example.com", Phone: fmt.Sprint(13800000000 + i), IsEnabled: true}
			if err := t.AddPerson(ctx, p); err != nil {
				return err
			}
		}
		admin, err := t.LockPerson(ctx, "admin")
		if err != nil {
			return err
		}
		admin.DepartmentID = ids[stormPeople]
		return t.SavePerson(ctx, admin)
	})
}

// postbox takes mails and short messages, and remembers what they name.
type postbox struct {
	mu    sync.Mutex
	mails map[string]int
	named map[string]map[string]bool // by address: batches
}

func newPostbox() *postbox {
	return &postbox{mails: map[string]int{}, named: map[string]map[string]bool{}}
}

func (p *postbox) Send(_ context.Context, e channel.Envelope) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.mails[e.Address]++
	if p.named[e.Address] == nil {
		p.named[e.Address] = map[string]bool{}
	}
	for word := range strings.FieldsSeq(e.Text.Plain + " " + e.Text.Subject) {
		if word = strings.TrimSuffix(strings.Trim(word, ",;:()"), ".0"); strings.HasPrefix(word, "storm_") && strings.Contains(word, "/") {
			p.named[e.Address][word] = true
		}
	}
	return "taken", nil
}

// counts are the people, the most that one of them got, and the least that one was named.
func (p *postbox) counts() (people, most, named int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	named = -1
	for address, n := range p.mails {
		most = max(most, n)
		if named < 0 || len(p.named[address]) < named {
			named = len(p.named[address])
		}
	}
	return len(p.mails), most, named
}
