package guard

import (
	"context"
	"slices"
	"time"

	"capricornus/common/batch"
	"capricornus/common/store"
	"capricornus/common/task"
	"capricornus/master/duty"
)

// DutyRepair is the name of the zombie repair.
const DutyRepair = "repair"

// RepairEvery is how often all running batches are looked at, besides when a
// worker is lost, comes back or is declared dead (seed A3-43).
const RepairEvery = time.Hour

const runningPage = 500

// Repair is one pass over all running batches. Those whose attempts will not
// report any more are ended, by the evidence there is.
func (g *Guard) Repair(ctx context.Context, lead *store.Lead, termSince time.Time) (duty.Pass, error) {
	p := &repairPass{Guard: g, lead: lead, termSince: termSince.UnixMilli(), hosts: map[string]*store.Host{}}
	var after store.RunningKey
	for {
		n, last, err := p.page(ctx, after)
		if err != nil {
			return p.pass(), err
		}
		if n < runningPage {
			return p.pass(), nil
		}
		after = last
	}
}

// repairPass is one pass.
type repairPass struct {
	*Guard
	lead      *store.Lead
	termSince int64
	hosts     map[string]*store.Host
	rows      int
	next      int64
}

func (p *repairPass) pass() duty.Pass {
	out := duty.Pass{Rows: p.rows}
	if p.next > 0 {
		out.Next = time.UnixMilli(p.next)
	}
	return out
}

// at notes when time alone may change something.
func (p *repairPass) at(ms int64) {
	if ms > 0 && (p.next == 0 || ms < p.next) {
		p.next = ms
	}
}

func (p *repairPass) page(ctx context.Context, after store.RunningKey) (n int, last store.RunningKey, err error) {
	works, all, now, err := p.read(ctx, after)
	if err != nil || len(works) == 0 {
		return len(works), last, err
	}
	last = works[len(works)-1].RunningKey()
	var over []*suspect
	for _, s := range all {
		if s.fate.Ask {
			s.ask(p.absent, now)
		}
		p.at(s.fate.At)
		if s.fate.Over {
			over = append(over, s)
		}
	}
	if len(over) == 0 {
		return len(works), last, nil
	}
	known, err := p.gather(ctx, over)
	if err != nil {
		return len(works), last, err
	}
	if len(known) < len(over) {
		p.at(now + lookAgain.Milliseconds())
	}
	return len(works), last, p.write(ctx, known)
}

// read reads a page of running batches and judges each.
func (p *repairPass) read(ctx context.Context, after store.RunningKey) (works []store.Work, all []*suspect, now int64, err error) {
	err = p.db.View(ctx, func(t *store.ViewTx) error {
		now = t.Now()
		if works, err = t.RunningWorks(ctx, after, runningPage); err != nil || len(works) == 0 {
			return err
		}
		hosts, err := t.Hosts(ctx)
		if err != nil {
			return err
		}
		for i := range hosts {
			p.hosts[hosts[i].Host] = &hosts[i]
		}
		all, err = p.suspects(ctx, t, works)
		return err
	})
	for _, s := range all {
		s.fate = JudgeRunning(s.Running, now, p.termSince)
	}
	return works, all, now, err
}

func (p *repairPass) suspects(ctx context.Context, t *store.ViewTx, works []store.Work) ([]*suspect, error) {
	keys := make([]store.VersionKey, 0, len(works))
	tasks := make([]int64, 0, len(works))
	for i := range works {
		keys = append(keys, store.VersionKey{TaskID: works[i].TaskID, Version: works[i].TaskVersion})
		tasks = append(tasks, works[i].TaskID)
	}
	defs, err := p.defs.In(ctx, t, distinct(keys))
	if err != nil {
		return nil, err
	}
	stats, err := t.TaskStats(ctx, tasks)
	if err != nil {
		return nil, err
	}
	out := make([]*suspect, 0, len(works))
	for i := range works {
		def := defs[keys[i]]
		if def == nil {
			continue
		}
		out = append(out, &suspect{def: def, Running: Running{
			Work: &works[i], Fence: fences(def), Host: p.hosts[works[i].Host], Expected: time.Duration(stats[tasks[i]].P95Millis) * time.Millisecond,
		}})
	}
	return out, nil
}

func fences(def *task.Task) bool { return def.Spec.OnWorkerLost == fencePolicy }

func distinct(keys []store.VersionKey) []store.VersionKey {
	seen := make(map[store.VersionKey]bool, len(keys))
	return slices.DeleteFunc(slices.Clone(keys), func(k store.VersionKey) bool {
		again := seen[k]
		seen[k] = true
		return again
	})
}

// write ends what is over under lock, as far as everything still is as it was
// judged: neither has the batch moved nor its worker been heard of.
func (p *repairPass) write(ctx context.Context, known []*suspect) error {
	if len(known) == 0 {
		return nil
	}
	alertIDs, err := p.db.IDs(ctx, len(known))
	if err != nil {
		return err
	}
	ids := make([]int64, 0, len(known))
	hosts := make([]string, 0, len(known))
	for _, s := range known {
		ids, hosts = append(ids, s.Work.ID), append(hosts, s.Work.Host)
	}
	var e ends
	err = p.lead.Tx(ctx, DutyRepair, func(t *store.LeaderTx) error {
		e = ends{ids: alertIDs}
		fresh, err := t.LockHosts(ctx, hosts)
		if err != nil {
			return err
		}
		works, err := t.Lock(ctx, ids)
		if err != nil {
			return err
		}
		for _, s := range known {
			w := works[s.Work.ID]
			if w == nil || w.Seq != s.Work.Seq || w.State != batch.Running {
				continue
			}
			again := JudgeRunning(Running{Work: w, Fence: s.Fence, Host: fresh[w.Host], Expected: s.Expected}, t.Now(), p.termSince)
			again.Over = again.Over || again.Ask && s.fate.Ask
			if again.Over && again.MayRun == s.fate.MayRun {
				e.add(w, s, t.Now())
			}
		}
		return e.write(ctx, t)
	})
	if err != nil {
		return err
	}
	p.rows += len(e.changes)
	if len(e.succeeded) > 0 {
		p.notify.Finished(e.succeeded, e.keys)
	}
	if len(e.changes) > 0 {
		p.notify.Freed()
	}
	return nil
}
