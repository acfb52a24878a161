package guard

import (
	"context"
	"errors"
	"iter"
	"net/url"
	"testing"
	"time"

	"capricornus/common/batch"
	"capricornus/common/datapath"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/common/task"
)

// disk is a file system with servers of its own: what is on it, by path.
type disk struct {
	there map[string]datapath.Identity
	away  bool
}

func (d *disk) Look(_ context.Context, at *url.URL, _ string) (datapath.Identity, error) {
	if d.away {
		return datapath.Absent, &datapath.Outage{Name: "hdfs://c", Cause: "connection refused"}
	}
	return d.there[at.Path], nil
}

// ReadyMany tells no identities, as file systems do that answer many at once.
func (d *disk) ReadyMany(ctx context.Context, questions []datapath.Question) iter.Seq[[]datapath.Answer] {
	return func(yield func([]datapath.Answer) bool) {
		var all []datapath.Answer
		for _, q := range questions {
			identity, err := d.Look(ctx, q.At, q.Ready)
			all = append(all, datapath.Answer{Question: q, Met: identity != datapath.Absent, Err: err})
		}
		yield(all)
	}
}

func (d *disk) Open(context.Context, *url.URL) (*datapath.File, error) {
	return nil, errors.New("nobody opens files here")
}
func (d *disk) Health() []datapath.Health { return nil }
func (d *disk) Probe(context.Context)     {}
func (d *disk) OnChange(func())           {}
func (d *disk) Close() error              { return nil }

// TestOutputsOfADeadHostOnAnotherFileSystem: while it does not answer nothing is
// judged; once it does, what was there before the attempt is no success of it.
func TestOutputsOfADeadHostOnAnotherFileSystem(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		d := &disk{there: map[string]datapath.Identity{"/stale": "1", "/fresh": "2"}, away: true}
		r.guard.paths = datapath.New(datapath.Options{HDFS: d})
		begin := func(name, before string) int64 {
			byOutput := func(d *task.Task) { d.Spec.Success, d.Spec.Retry.Times = "output-path", 0 }
			id := r.Batch(r.Define(name, byOutput), "20150518", func(b *store.NewBatch) {
				b.Outputs = []store.NewPath{{Path: "hdfs://c/" + name, Ready: datapath.ReadySuccess}}
			})
			r.run(id)
			r.Change("UPDATE capri_task_instance SET outputsBefore = ? WHERE taskWorkId = ?", `["`+before+`"]`, id)
			return id
		}
		stale, fresh, missing := begin("stale", "1"), begin("fresh", "1"), begin("missing", "")
		r.silent(storetest.Host, time.Hour)
		r.dead(storetest.Host)
		got := r.repair()
		for _, id := range []int64{stale, fresh, missing} {
			r.want(id, batch.Running, batch.None)
		}
		if got.Rows != 0 || got.Next.IsZero() || time.Until(got.Next) > lookAgain {
			t.Errorf("got %+v, want nothing judged and another look soon", got)
		}
		d.away = false
		r.repair()
		r.want(fresh, batch.Done, batch.Success)
		r.want(stale, batch.Waiting, batch.None)
		r.want(missing, batch.Waiting, batch.None)
	})
}
