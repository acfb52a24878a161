package guard

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"go.uber.org/goleak"

	"capricornus/common/batch"
	"capricornus/common/datapath"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/common/wire"
	"capricornus/master/duty"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// rig is a guard over a world.
type rig struct {
	*storetest.World
	t         *testing.T
	guard     *Guard
	termSince time.Time
	succeeded []int64
	freed     int
	repairs   int
	asked     []wire.Held
	gone      map[int64]bool // batches whose processes their workers do not have
	unheard   bool           // the workers have not been listened to for long enough
}

func newRig(t *testing.T, w *storetest.World) *rig {
	t.Helper()
	r := &rig{World: w, t: t, termSince: time.Now().Add(-time.Hour), gone: map[int64]bool{}}
	r.guard = r.newGuard()
	return r
}

// newGuard is the guard of the next leader: it remembers nothing.
func (r *rig) newGuard() *Guard {
	return New(Deps{
		DB: r.DB, Defs: store.NewDefinitions(r.DB, 100), Zone: time.UTC, Paths: datapath.New(datapath.Options{}), Log: slog.New(slog.DiscardHandler),
		Absent: func(host, incarnation string, held wire.Held) (bool, bool) {
			if host != storetest.Host || incarnation != storetest.Incarnation {
				r.t.Errorf("got asked about %s, %s, want the batch's own worker", host, incarnation)
			}
			r.asked = append(r.asked, held)
			return r.gone[held.WorkID] && !r.unheard, !r.unheard
		},
		Notify: Notify{
			Finished: func(ids []int64, _ []store.ParentKey) { r.succeeded = append(r.succeeded, ids...) },
			Freed:    func() { r.freed++ },
			Repair:   func() { r.repairs++ },
		},
	})
}

func (r *rig) pass(what string, got duty.Pass, err error) duty.Pass {
	r.t.Helper()
	if err != nil {
		r.t.Fatalf("%s: got %v, want no error", what, err)
	}
	return got
}

func (r *rig) timeout() int {
	r.t.Helper()
	got, err := r.guard.Timeout(r.t.Context(), r.Lead)
	return r.pass("timeout", got, err).Rows
}

func (r *rig) hosts() int {
	r.t.Helper()
	got, err := r.guard.Hosts(r.t.Context(), r.Lead, r.termSince)
	return r.pass("hosts", got, err).Rows
}

func (r *rig) repair() duty.Pass {
	r.t.Helper()
	got, err := r.guard.Repair(r.t.Context(), r.Lead, r.termSince)
	return r.pass("repair", got, err)
}

// nextTerm lets another master win a term, an hour ago.
func (r *rig) nextTerm(index uint64) *store.Lead {
	r.t.Helper()
	epoch, err := r.DB.Claim(r.t.Context(), store.Claim{ClusterID: "cluster", RaftIndex: index, Holder: "m2"})
	if err != nil {
		r.t.Fatal(err)
	}
	return r.DB.Lead(epoch, "m2")
}

func (r *rig) want(id int64, state batch.State, finish batch.Finish) store.Work {
	r.t.Helper()
	w := r.Work(id)
	if w.State != state || w.Finish != finish {
		r.t.Errorf("got %s/%s, want %s/%s: %+v", w.State, w.Finish, state, finish, w)
	}
	return w
}

// run takes waiting batches to running.
func (r *rig) run(ids ...int64) {
	r.t.Helper()
	if err := r.Assign(storetest.Host, ids...); err != nil {
		r.t.Fatal(err)
	}
	if err := r.Start(ids...); err != nil {
		r.t.Fatal(err)
	}
}

// ago makes running batches have begun some time ago.
func (r *rig) ago(length time.Duration, ids ...int64) {
	r.t.Helper()
	for _, id := range ids {
		r.Change("UPDATE capri_task_work SET startTime = startTime - ? WHERE id = ?", length.Milliseconds(), id)
		r.Change("UPDATE capri_task_instance SET startTime = startTime - ? WHERE taskWorkId = ?", length.Milliseconds(), id)
	}
}

// silent makes a worker have been heard of last some time ago.
func (r *rig) silent(host string, length time.Duration) {
	r.t.Helper()
	if n := r.Change("UPDATE capri_schedul_cluster SET lastCheckTime = lastCheckTime - ? WHERE host = ?", length.Milliseconds(), host); n != 1 {
		r.t.Fatalf("got %d workers %s, want one", n, host)
	}
}

// dead declares a worker dead.
func (r *rig) dead(host string) {
	r.t.Helper()
	r.Operate("declare dead", func(ctx context.Context, o *store.OperateTx) error {
		_, done, err := o.DeclareDead(ctx, host, "the board is burnt")
		if !done {
			r.t.Errorf("got %s alive, want it declared dead", host)
		}
		return err
	})
}

func (r *rig) alerts(kind string) int {
	r.t.Helper()
	return r.Figure("SELECT COUNT(*) FROM capri_alert WHERE kind = ?", kind)
}

func (r *rig) wantAlert(kind, object, level, text string) {
	r.t.Helper()
	got := r.Text("SELECT CONCAT(level, ' ', taskId > 0, ' ', text) FROM capri_alert WHERE kind = ? AND object = ?", kind, object)
	if want := level + " " + text; got != want {
		r.t.Errorf("got alert %q, want %q", got, want)
	}
}

func code(task, workNo string, attempt int) string {
	return fmt.Sprintf("%s/%s.0#%d", task, workNo, attempt)
}

// pullback takes an assigned batch back, as place does.
func pullback(id int64) func(context.Context, *store.LeaderTx) error {
	return func(ctx context.Context, l *store.LeaderTx) error {
		works, err := l.Lock(ctx, []int64{id})
		if err != nil {
			return err
		}
		to := *works[id]
		to.State, to.Host, to.Incarnation, to.AssignTime = batch.Waiting, "", "", 0
		return l.Move(ctx, batch.Place, []store.Change{{Move: batch.MovePullback, From: *works[id], To: to}})
	}
}
