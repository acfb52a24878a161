package place

import (
	"context"
	"testing"
	"time"

	"capricornus/common/batch"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/common/wire"
)

// What a row of the log says of a host: nothing, that it is the last choice, or
// that it is none.
func TestWhatTheLogSaysOfAHost(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		reasons []string // all of w1
		others  bool     // w2 may have it as well
		want    string
	}{
		"ItRefused":                       {[]string{"w1 refused: free memory 1 MiB"}, false, ""},
		"ItWasSwitchedOff":                {[]string{store.ReasonOff + "w1, by eve"}, true, "w1"},
		"NoAnswerAndThereIsAnother":       {[]string{wire.ReassignedForLook + "a file system"}, true, "w2"},
		"NoAnswerAndThereIsNoOther":       {[]string{wire.ReassignedForLook + "a file system"}, false, "w1"},
		"NoAnswerTimeAndAgain":            {[]string{wire.ReassignedForLook + "one", wire.ReassignedForLook + "two"}, false, "w1"},
		"NoAnswerAndARefusal":             {[]string{wire.ReassignedForLook + "one", "w1 refused: load"}, false, ""},
		"ARefusalThatNamesItInPassing":    {[]string{"w1 refused: " + wire.ReassignedForLook + "one"}, false, ""},
		"SwitchedOffAndLaterNoAnswer":     {[]string{store.ReasonOff + "w1", wire.ReassignedForLook + "one"}, true, "w2"},
		"NothingIsSaid_TheFirstByItsName": {nil, true, "w1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, w := scene(), ready()
			for _, reason := range c.reasons {
				s.recall(store.Reassignment{WorkID: w.ID, OldHost: "w1", Reason: reason})
			}
			if !c.others {
				s.Workers[1].Alive = false
			}
			got := ""
			if worker, _ := s.Fit(&w); worker != nil {
				got = worker.Host
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// giveBack is a worker's word that a file system does not answer it.
func (s *stage) giveBack(id int64) {
	s.t.Helper()
	s.says(id, batch.MoveUnready, func(t *store.WorkTx, to *store.Work) error {
		given := store.Reassignment{
			WorkID: id, Attempt: to.Attempt, OldHost: to.Host, OldAssignTime: to.AssignTime,
			Reason: wire.ReassignedForLook + "a file system: look at hdfs:///out: hdfs://c does not answer: refused",
		}
		to.State, to.Host, to.Incarnation, to.AssignTime = batch.Waiting, "", "", 0
		return t.InsertReassignments(s.t.Context(), []store.Reassignment{given})
	})
}

// A batch that w1 gave back goes to w2 though that is the busier one, and back to
// w1 when there is nobody else: at once, and whatever it gave back before.
func TestWhatWasGivenBackPrefersAnotherWorker(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		s := newStage(t, w)
		id := s.Batch(s.Define("given"), "20150518")
		s.pass()
		s.wantWork("it on the only worker", id, on("w1"))
		s.giveBack(id)
		s.pass()
		s.wantWork("it on the only worker again", id, on("w1"))
		s.giveBack(id)
		s.Beat("w2", 500)
		s.Change("UPDATE capri_schedul_cluster SET loadPerCore = 3 WHERE host = ?", "w2")
		s.pass()
		s.wantWork("it on the worker that has not given it back", id, on("w2"))
		s.giveBack(id)
		s.pass()
		s.wantWork("it on the idler of two that gave it back", id, on("w1"))
		s.giveBack(id)
		s.Change("UPDATE capri_reschedule_log SET at = ? WHERE oldHost = 'w2'", time.Now().Add(-ExclusionLife-time.Minute).UnixMilli())
		s.pass()
		s.wantWork("it on the worker that gave it back long ago", id, on("w2"))
	})
}

// An exclusion is not made of it, so nobody says that a worker is excluded.
func TestWhatWasGivenBackExcludesNobody(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		s := newStage(t, w)
		id := s.Batch(s.Define("given"), "20150518")
		s.pass()
		s.giveBack(id)
		work := s.Work(id)
		s.View("exclusions", func(ctx context.Context, v *store.ViewTx) error {
			snap, err := ReadSnapshot(ctx, v, 0)
			if err != nil {
				return err
			}
			err = snap.Exclusions(ctx, v, []store.Work{work})
			if len(snap.Excluded) != 0 || !snap.Unlucky[id]["w1"] {
				t.Errorf("got %v excluded, %v unlucky, want w1 unlucky", snap.Excluded, snap.Unlucky)
			}
			return err
		})
	})
}

// While the file system does not answer the masters either, what was given back
// for it rests, and has its turn as soon as it is answered, or after a while, in
// case the masters never had to do with it.
func TestWhatWasGivenBackRestsWhileTheMastersAreNotAnsweredEither(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		s := newStage(t, w)
		id := s.Batch(s.Define("given"), "20150518")
		s.pass()
		s.giveBack(id)
		s.silent = []string{"hdfs://c", "hdfs://d"}
		s.pass()
		s.wantWork("it waiting for its turn", id, gated(batch.GateRetry))
		s.silent = []string{"hdfs://d"}
		s.pass()
		s.wantWork("it on the worker: its file system is back", id, on("w1"))
		s.giveBack(id)
		s.silent = []string{"hdfs://c"}
		s.Change("UPDATE capri_reschedule_log SET at = at - ?", ExclusionLife.Milliseconds())
		s.pass()
		s.wantWork("it on the worker: a long time has passed", id, on("w1"))
	})
}
