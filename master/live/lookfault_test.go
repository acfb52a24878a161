package live

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/common/wire"
)

// changing is a world in which something of every topic can change.
type changing struct {
	*storetest.World
	task      int64
	operation int64
	rounds    int
}

func newChanging(t *testing.T, engine string, faults *storetest.Faults) *changing {
	t.Helper()
	cfg := storetest.Fresh(t, engine)
	cfg.Wrap = faults.Wrap
	db := storetest.Connect(t, cfg)
	if _, err := db.Migrate(t.Context(), storetest.Zone); err != nil {
		t.Fatal(err)
	}
	c := &changing{World: storetest.NewWorld(t, db)}
	c.task, c.operation = c.Task(func(s *store.TaskSave) { s.Name = "a" }), c.IDs(1)[0]
	c.Operate("an operation", func(ctx context.Context, o *store.OperateTx) error {
		return o.PutOperation(ctx, store.Operation{ID: c.operation, Kind: "coldstart", State: store.OperationCreating, Author: "admin"}, nil, 0)
	})
	return c
}

// change lets one thing of every topic happen.
func (c *changing) change() {
	c.rounds++
	ids := c.IDs(3)
	name := fmt.Sprint("n", ids[0])
	c.Batch(c.task, fmt.Sprint(20150000+c.rounds))
	c.Change("UPDATE capri_operation SET created = created + 1 WHERE id = ?", c.operation)
	c.Operate("as a person", func(ctx context.Context, o *store.OperateTx) error {
		if _, _, err := o.SwitchHost(ctx, storetest.Host, store.Switch{Off: c.rounds%2 == 1, Reason: "its disk is changed"}); err != nil {
			return err
		}
		return o.Audit(ctx, store.Audit{ID: ids[0], Action: "duty.set", Object: "data/20150518"})
	})
	c.Decide("as the leader", func(ctx context.Context, l *store.LeaderTx) error {
		in := store.Incident{ID: ids[1], Code: name, IncidentRoot: store.IncidentRoot{Kind: store.RootPath, Root: "/in/" + name}, Kind: store.AlertDependTimeout, Level: store.LevelTask, OpenedAt: 5, LastAlertAt: 5}
		if err := l.PutIncidents(ctx, []store.Incident{in}); err != nil {
			return err
		}
		return l.Raise(ctx, store.Alert{ID: ids[2], Kind: store.AlertDependTimeout, Object: name, Level: store.LevelTask, Text: "it is late"})
	})
}

// topicsOf are those of what is told, in order.
func topicsOf(items []item) []string {
	out := make([]string, len(items))
	for n := range items {
		out[n] = items[n].event.Topic
	}
	slices.Sort(out)
	return out
}

// TestALookThatFailsForgetsNothing lets every statement of a look fail once, in
// every way: what has changed is told once, by the look itself or by the next.
func TestALookThatFailsForgetsNothing(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			faults := &storetest.Faults{}
			c := newChanging(t, engine, faults)
			l := newLooker(New(Config{DB: c.DB, Leader: func() (string, string, bool) { return fmt.Sprint("m", c.rounds), "", true }}))
			if _, err := l.look(t.Context(), true); err != nil {
				t.Fatal(err)
			}
			for _, kind := range storetest.FaultKinds(t, engine) {
				k := 1
				for disturbed(t, c, l, faults, k, kind) {
					k++
				}
				if k < len(Topics()) {
					t.Errorf("%s: got faults in %d statements, want a look that reads every topic", kind, k-1)
				}
			}
		})
	}
}

// disturbed lets the k-th statement of a look fail; it returns false when there
// are fewer.
func disturbed(t *testing.T, c *changing, l *looker, faults *storetest.Faults, k int, kind storetest.FaultKind) bool {
	t.Helper()
	c.change()
	faults.Arm(k, kind)
	items, err := l.look(t.Context(), true)
	fired := faults.Disarm()
	if err != nil {
		items, err = l.look(t.Context(), true)
	}
	want := slices.Sorted(slices.Values(Topics()))
	if told := topicsOf(items); err != nil || !slices.Equal(told, want) {
		t.Errorf("%s statement %d: got %s, %v, want one of every topic", kind, k, told, err)
	}
	return fired
}

func TestWhoComesWhileTheDatabaseFailsIsToldHowAllStands(t *testing.T) {
	t.Parallel()
	faults := &storetest.Faults{}
	c := newChanging(t, storetest.SQLite, faults)
	faults.Arm(1, storetest.FaultKinds(t, storetest.SQLite)[0])
	events, _, _, err := subscribe(t, hubOf(c.World), Filter{}, "").Next(t.Context(), time.Minute)
	if fired := faults.Disarm(); !fired || err != nil {
		t.Fatalf("got %t, %v, want the first look to fail", fired, err)
	}
	told := make([]string, len(events))
	for n := range events {
		told[n] = events[n].Topic
	}
	slices.Sort(told)
	if want := []string{wire.TopicCluster, wire.TopicHost, wire.TopicOperation}; !slices.Equal(told, want) {
		t.Errorf("got %s, want %s", told, want)
	}
}
