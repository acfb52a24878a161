package guard

import (
	"context"
	"strconv"
	"time"

	"capricornus/common/batch"
	"capricornus/common/store"
	"capricornus/common/task"
	"capricornus/master/duty"
)

// DutyHosts is the name of the duty that tells people which workers are lost.
const DutyHosts = "hosts"

// HostsEvery is how often workers are looked at.
const HostsEvery = 10 * time.Second

// Fleet is what a pass knows of the workers.
type Fleet struct {
	Hosts      []store.Host
	Running    map[string]int    // batches that run, by host
	Lost, Back map[string]string // of which loss people were told last, and of which return, by host
	Now        int64
	TermSince  int64 // when this term began: workers have one check interval of grace
}

// News are the workers about which there is something to say.
type News struct {
	Lost []store.Host // silent, and nobody was told
	Back []store.Host // heard of again after a loss people were told of
	Dead []store.Host // declared dead while batches count as running there
}

// occurrence names one loss of a worker: by when it was last heard of.
func occurrence(h *store.Host) string { return strconv.FormatInt(h.LastCheckTime, 10) }

// News is pure, and needs nothing but rows: after a change of leader the next
// one says no loss twice (domain.md §7).
func (f *Fleet) News() News {
	var n News
	for i := range f.Hosts {
		h := &f.Hosts[i]
		if h.AliveAt(f.Now) {
			if lost := f.Lost[h.Host]; lost != "" && f.Back[h.Host] != lost {
				n.Back = append(n.Back, *h)
			}
			continue
		}
		if f.Now-f.TermSince >= h.CheckInterval && f.Lost[h.Host] != occurrence(h) {
			n.Lost = append(n.Lost, *h)
		}
		if h.DeadAt > 0 && f.Running[h.Host] > 0 {
			n.Dead = append(n.Dead, *h)
		}
	}
	return n
}

// Level of the alert about a lost worker: critical when batches run on it, and
// little when it was switched off before.
func levelOf(h *store.Host, running int, now int64) string {
	switch {
	case running > 0:
		return store.LevelCritical
	case h.StoppedAt(now):
		return store.LevelNotice
	}
	return store.LevelImportant
}

// Hosts is one pass: one alert for each loss, one notice for each return, and a
// wake of the repair for whatever it may have to do now.
func (g *Guard) Hosts(ctx context.Context, lead *store.Lead, termSince time.Time) (duty.Pass, error) {
	f := Fleet{TermSince: termSince.UnixMilli()}
	var news News
	var works map[string][]running
	err := g.db.View(ctx, func(t *store.ViewTx) (err error) {
		if err = f.read(ctx, t); err != nil {
			return err
		}
		news = f.News()
		works, err = g.runningOn(ctx, t, news.Lost)
		return err
	})
	if err != nil {
		return duty.Pass{}, err
	}
	alerts := make([]store.Alert, 0, len(news.Lost)+len(news.Back))
	for i := range news.Lost {
		h := &news.Lost[i]
		alerts = append(alerts, store.Alert{
			Kind: store.AlertWorkerLost, Object: h.Host, Occurrence: occurrence(h), Level: levelOf(h, f.Running[h.Host], f.Now), Text: g.lostText(h, works[h.Host]),
		})
	}
	for i := range news.Back {
		h := &news.Back[i]
		alerts = append(alerts, store.Alert{
			Kind: store.AlertWorkerBack, Object: h.Host, Occurrence: f.Lost[h.Host], Level: store.LevelNotice, Text: g.backText(h, f.Lost[h.Host], f.Running[h.Host]),
		})
	}
	if err := g.raise(ctx, lead, alerts); err != nil {
		return duty.Pass{}, err
	}
	if g.toRepair(news.Dead) || len(alerts) > 0 {
		g.notify.Repair()
	}
	return duty.Pass{Rows: len(alerts)}, nil
}

// toRepair tells whether one of these workers was declared dead since the
// repair was asked to look, by whichever master took the command.
func (g *Guard) toRepair(dead []store.Host) bool {
	fresh := false
	for i := range dead {
		if h := &dead[i]; g.repairs[h.Host] != h.DeadAt {
			g.repairs[h.Host], fresh = h.DeadAt, true
		}
	}
	return fresh
}

func (f *Fleet) read(ctx context.Context, t *store.ViewTx) (err error) {
	f.Now, f.Running = t.Now(), map[string]int{}
	if f.Hosts, err = t.Hosts(ctx); err != nil {
		return err
	}
	usages, err := t.Usages(ctx)
	if err != nil {
		return err
	}
	for _, u := range usages {
		if u.State == batch.Running {
			f.Running[u.Host] += u.Count
		}
	}
	if f.Lost, err = t.LastAlerts(ctx, store.AlertWorkerLost); err != nil {
		return err
	}
	f.Back, err = t.LastAlerts(ctx, store.AlertWorkerBack)
	return err
}

// running is one batch that runs on a lost worker.
type running struct {
	ref   string
	fence bool
}

// listed bounds how many batches of one worker are read for its alert.
const listed = 1000

func (g *Guard) runningOn(ctx context.Context, t *store.ViewTx, hosts []store.Host) (map[string][]running, error) {
	out := map[string][]running{}
	for i := range hosts {
		works, err := t.OnHost(ctx, hosts[i].Host, batch.Running, listed)
		if err != nil {
			return nil, err
		}
		keys := make([]store.VersionKey, 0, len(works))
		for _, w := range works {
			keys = append(keys, store.VersionKey{TaskID: w.TaskID, Version: w.TaskVersion})
		}
		defs, err := g.defs.In(ctx, t, distinct(keys))
		if err != nil {
			return nil, err
		}
		for n := range works {
			if def := defs[keys[n]]; def != nil {
				out[hosts[i].Host] = append(out[hosts[i].Host], runningOf(&works[n], def))
			}
		}
	}
	return out, nil
}

func runningOf(w *store.Work, def *task.Task) running {
	return running{ref: w.Ref(def.Metadata.Name).String(), fence: fences(def)}
}

func (g *Guard) raise(ctx context.Context, lead *store.Lead, alerts []store.Alert) error {
	if len(alerts) == 0 {
		return nil
	}
	ids, err := g.db.IDs(ctx, len(alerts))
	if err != nil {
		return err
	}
	for i := range alerts {
		alerts[i].ID = ids[i]
	}
	return lead.Tx(ctx, DutyHosts, func(t *store.LeaderTx) error { return t.Raise(ctx, alerts...) })
}
