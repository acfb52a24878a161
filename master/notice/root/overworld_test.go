package root

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"capricornus/common/store"
	"capricornus/common/store/storetest"
)

// wantOver judges an incident before and after something happens.
func (r *rig) wantOver(in store.Incident, happens func()) {
	r.t.Helper()
	in.ID = 5
	if r.over(in) {
		r.t.Errorf("%s %s: got it over, want it open", in.IncidentRoot.Kind, in.Root)
	}
	happens()
	if !r.over(in) {
		r.t.Errorf("%s %s: got it open, want it over", in.IncidentRoot.Kind, in.Root)
	}
}

func (r *rig) met(paths ...string) {
	r.t.Helper()
	r.Decide("find paths", func(ctx context.Context, l *store.LeaderTx) error {
		var states []store.PathState
		for _, p := range paths {
			states = append(states, store.PathState{Path: p, Ready: "exists", Met: true})
		}
		_, err := l.SetPaths(ctx, states)
		return err
	})
}

func (r *rig) raise(kind, object, occurrence, level string) {
	r.t.Helper()
	id := r.IDs(1)[0]
	r.Decide("raise", func(ctx context.Context, l *store.LeaderTx) error {
		return l.Raise(ctx, store.Alert{ID: id, Kind: kind, Object: object, Occurrence: occurrence, Level: level, Text: object + " " + kind})
	})
}

func TestIncidentsOfDataAreOver(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := &rig{w, t}
		long := "file:///" + strings.Repeat("目录/", 100) + "end"
		r.Batch(r.Define("one"), day, reads("file:///in", long))
		r.wantOver(incident(store.RootPath, "file:///in", store.AlertDependTimeout), func() { r.met("file:///in") })
		r.wantOver(incident(store.RootPath, fit(long), store.AlertDependTimeout), func() { r.met(long) })
		r.Batch(r.Define("two"), day, needs("pay"))
		r.wantOver(incident(store.RootThird, "pay/"+day, store.AlertDependTimeout), func() {
			r.Operate("announce", func(ctx context.Context, o *store.OperateTx) error {
				_, err := o.Announce(ctx, store.ThirdKey{Code: "pay", DataNo: day})
				return err
			})
		})
		killed := r.Batch(r.Define("three"), day, reads("file:///else"))
		r.wantOver(incident(store.RootPath, "file:///else", store.AlertDependTimeout), func() { r.kill(killed) })
	})
}

func TestIncidentsOfBatchesAreOver(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := &rig{w, t}
		up, maker, late := r.Define("up"), r.Define("maker"), r.Define("late")
		r.fail(r.Batch(up, day))
		r.wantOver(incident(store.RootBatch, "up/"+day, store.AlertBatchFailed), func() {
			again := r.Batch(up, day, func(b *store.NewBatch) { b.Type = 1 })
			if r.over(incident(store.RootBatch, "up/"+day, store.AlertBatchFailed)) {
				t.Error("got it over when a rerun was made, want it open until that has succeeded")
			}
			r.Succeed(again)
		})
		made := r.Batch(maker, day, makes("file:///made"))
		reader := r.Batch(r.Define("reader"), day, reads("file:///made"))
		r.wantOver(incident(store.RootBatch, "maker/"+day, store.AlertOutputTimeout), func() {
			r.kill(made)
			if r.over(incident(store.RootBatch, "maker/"+day, store.AlertOutputTimeout)) {
				t.Error("got it over when it was killed, want it open while somebody waits for what it makes")
			}
			r.kill(reader)
		})
		slow := r.Batch(late, day)
		child := r.Batch(r.Define("child"), day, waitsFor(late))
		r.wantOver(incident(store.RootBatch, "late/"+day, store.AlertOutputTimeout), func() { r.kill(slow, child) })
		r.Batch(r.Define("gone"), day)
		r.wantOver(incident(store.RootBatch, "gone/"+day, store.AlertOutputTimeout), func() {
			r.Change("UPDATE capri_task SET name = 'other' WHERE name = 'gone'")
		})
	})
}

func TestIncidentsOfAbsencesAreOver(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := &rig{w, t}
		up, off := r.Define("up"), r.Define("off")
		r.Batch(r.Define("child"), day, waitsFor(up))
		r.wantOver(incident(store.RootAbsent, "up/"+day, store.AlertDependTimeout), func() {
			made := r.Batch(up, day)
			if r.over(incident(store.RootAbsent, "up/"+day, store.AlertDependTimeout)) {
				t.Error("got it over when it was made, want it open while somebody waits for it")
			}
			r.Succeed(made)
			r.Decide("release", func(ctx context.Context, l *store.LeaderTx) error {
				_, err := l.MeetParents(ctx, []store.ParentKey{{TaskID: up, WorkNo: day}})
				return err
			})
		})
		r.wantOver(incident(store.RootAbsent, "off/"+day, "batch-missing"), func() { r.Batch(off, day) })
		r.Batch(r.Define("lone"), day, waitsFor(r.Define("dropped")))
		r.wantOver(incident(store.RootAbsent, "dropped/"+day, store.AlertDependTimeout), func() {
			r.Change("UPDATE capri_task SET isDeleted = 1 WHERE name = 'dropped'")
		})
	})
}

func TestIncidentsOfThePlatformAreOver(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := &rig{w, t}
		later := func(occurrence string) {
			r.Change("UPDATE capri_alert SET createdAt = createdAt + 1000 WHERE occurrence = ?", occurrence)
		}
		r.raise("pass-old", "depend", "5/critical", store.LevelCritical)
		r.wantOver(incident(store.RootWatch, "pass-old:depend", "pass-old"), func() {
			r.raise("pass-old", "depend", "5/notice", store.LevelNotice)
			later("5/notice")
		})
		r.Beat("w7", 10)
		silent := func() { r.Change("UPDATE capri_schedul_cluster SET lastCheckTime = 5 WHERE host = 'w7'") }
		silent()
		r.raise(store.AlertWorkerLost, "w7", "5", store.LevelCritical)
		lost := incident(store.RootWorker, "w7", store.AlertWorkerLost)
		r.wantOver(lost, func() { r.Beat("w7", 10) })
		silent()
		r.wantOver(lost, func() {
			r.raise(store.AlertWorkerBack, "w7", "back", store.LevelNotice)
			later("back")
		})
		r.raise(store.AlertWorkerLost, "w7", "6", store.LevelCritical)
		later("6")
		later("6")
		r.wantOver(lost, func() { r.Change("DELETE FROM capri_schedul_cluster WHERE host = 'w7'") })
		r.sends(incident(store.RootChannel, "sms", "send-failed"), store.Message{Recipient: "ann", Channel: "sms"})
		r.sends(incident(store.RootChannel, "room", "send-failed"), store.Message{Recipient: "hook:room", Channel: "webhook"})
	})
}

// TestManyIncidentsAreJudgedTogether: a page of open incidents of every kind
// takes a few statements.
func TestManyIncidentsAreJudgedTogether(t *testing.T) {
	t.Parallel()
	r, counting := counted(t, storetest.SQLite)
	var open []store.Incident
	for i := range 500 {
		kind := []string{store.RootPath, store.RootThird, store.RootBatch, store.RootAbsent, store.RootWorker, store.RootWatch, store.RootEvent}[i%7]
		in := incident(kind, fmt.Sprintf("thing_%d/%d", i, i), store.AlertDependTimeout)
		if i < 4 {
			in = incident(store.RootChannel, []string{"phone", "sms", "mail", "ops"}[i], store.AlertSendFailed)
		}
		in.ID = int64(i + 1)
		open = append(open, in)
	}
	var over []int64
	n := counting(func() {
		r.View("judge", func(ctx context.Context, v *store.ViewTx) (err error) {
			over, err = Over(ctx, v, open, v.Now())
			return err
		})
	})
	if n > 15 {
		t.Errorf("got %d statements for %d incidents, want at most 15", n, len(open))
	}
	if !slices.IsSorted(over) || len(over) < 400 {
		t.Errorf("got %d over, want in their order all but those of channels", len(over))
	}
}

// sends wants an incident over when a message was sent after its last alert.
func (r *rig) sends(in store.Incident, m store.Message) {
	r.t.Helper()
	in.LastAlertAt = 1000
	m.ID, m.Purpose = r.IDs(1)[0], "alert"
	r.Decide("put", func(ctx context.Context, l *store.LeaderTx) error { return l.PutMessages(ctx, []store.Message{m}) })
	r.Change("UPDATE capri_message SET state = 1, endedAt = 1000, dueAt = 1020 WHERE id = ?", m.ID)
	r.wantOver(in, func() { r.Change("UPDATE capri_message SET endedAt = 1001 WHERE id = ?", m.ID) })
}
