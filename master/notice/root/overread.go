package root

import (
	"context"

	"capricornus/common/store"
	"capricornus/master/notice/rule"
)

// asked is what has to be read to judge incidents.
type asked struct {
	hashes   []int64
	thirds   []store.ThirdKey
	tasks    []string
	works    []string // task/workNo
	hosts    bool
	words    []store.AlertObject
	channels []store.SentBy
}

func ask(open []store.Incident) asked {
	var a asked
	for i := range open {
		in := &open[i]
		switch in.IncidentRoot.Kind {
		case store.RootPath:
			a.hashes = append(a.hashes, hashOf(in.Root))
		case store.RootThird:
			a.thirds = append(a.thirds, thirdOf(in.Root))
		case store.RootBatch, store.RootAbsent:
			a.tasks, a.works = append(a.tasks, taskOf(in.Root)), append(a.works, in.Root)
		case store.RootWorker:
			a.hosts = true
			a.words = append(a.words, store.AlertObject{Kind: store.AlertWorkerBack, Object: in.Root}, store.AlertObject{Kind: store.AlertWorkerLost, Object: in.Root})
		case store.RootWatch:
			a.words = append(a.words, watched(in.Root))
		case store.RootChannel:
			a.channels = append(a.channels, sentOn(in))
		}
	}
	return a
}

// sentOn asks about the channel of an incident; what is none is a webhook's name.
func sentOn(in *store.Incident) store.SentBy {
	switch c := rule.Channel(in.Root); c {
	case rule.Phone, rule.SMS, rule.Mail, rule.Webhook:
		return store.SentBy{Channel: in.Root, Since: in.LastAlertAt}
	default:
		return store.SentBy{Channel: string(rule.Webhook), Recipient: "hook:" + in.Root, Since: in.LastAlertAt}
	}
}

// read reads what open incidents are judged by: a few statements for all of them.
func (w *world) read(ctx context.Context, t *store.ViewTx, open []store.Incident) (err error) {
	a := ask(open)
	if w.paths, err = t.AwaitedPaths(ctx, a.hashes); err != nil {
		return err
	}
	if w.thirds, err = t.AwaitedThirds(ctx, a.thirds); err != nil {
		return err
	}
	if w.words, err = t.LastWords(ctx, a.words); err != nil {
		return err
	}
	if w.sent, err = t.Sent(ctx, a.channels); err != nil {
		return err
	}
	if err = w.readWorks(ctx, t, &a); err != nil || !a.hosts {
		return err
	}
	hosts, err := t.Hosts(ctx)
	w.hosts = make(map[string]store.Host, len(hosts))
	for i := range hosts {
		w.hosts[hosts[i].Host] = hosts[i]
	}
	return err
}

func (w *world) readWorks(ctx context.Context, t *store.ViewTx, a *asked) (err error) {
	if w.tasks, err = t.TaskIDs(ctx, a.tasks); err != nil {
		return err
	}
	keys := make([]store.ParentKey, 0, len(a.works))
	for _, root := range a.works {
		if key, known := w.keyOf(root); known {
			keys = append(keys, key)
		}
	}
	if w.nodes, err = t.Nodes(ctx, keys); err != nil {
		return err
	}
	if w.needed, err = t.AwaitedParents(ctx, keys); err != nil {
		return err
	}
	return w.readReaders(ctx, t)
}

// readReaders adds the batches whose outputs are waited for, of those that
// people have ended: nobody will make them any more.
func (w *world) readReaders(ctx context.Context, t *store.ViewTx) error {
	var ended []int64
	for key, n := range w.nodes {
		if endedByPeople(&n) && !w.needed[key] {
			ended = append(ended, n.ID)
		}
	}
	readers, err := t.WaitingReaders(ctx, ended, readerLimit)
	for _, r := range readers {
		w.needed[r.Before] = true
	}
	return err
}

// readerLimit bounds who is read that waits for outputs.
const readerLimit = 10000
