package plan

import (
	"testing"

	"capricornus/common/batch"
	"capricornus/common/fault"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
)

func waitsOn(parents ...store.NewParent) func(*store.NewBatch) {
	return func(b *store.NewBatch) { b.Parents = parents }
}

func (r *commander) wantUnmet(what string, id int64, want int) {
	r.t.Helper()
	if got := r.Work(id).Unmet; got != want {
		r.t.Errorf("%s: got %d unmet, want %d", what, got, want)
	}
}

func TestMarkOfSuccessReleasesChildrenAndTheContraryHoldsThemUp(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newCommander(t, w)
		up, down := r.Define("up"), r.Define("down")
		day := store.NewParent{TaskID: up, WorkNo: "20150518"}
		parent := r.Batch(up, "20150518")
		waits := r.Batch(down, "20150518", waitsOn(day))
		newest := r.Batch(down, "20150519", waitsOn(store.NewParent{TaskID: up, Last: true}))
		r.Change("INSERT INTO capri_task_depend (childTaskId, parentTaskId, kind, dependWindow) VALUES (?, ?, 'logic', 'last')", down, up)
		r.depend() // the full pass of the beginning
		r.must(r.Assign(storetest.Host, parent))
		r.must(r.Start(parent))
		r.must(r.Finish(3, parent))
		if got := r.command("up/20150518", markAs(batch.Success)); got.Message != "up/20150518.0 is success now; it was failed" {
			t.Errorf("got %+v, want it to say what it was", got)
		}
		marked := r.wantState("marked", parent, batch.Done, batch.Success)
		if marked.MarkedBy != "ann" || marked.EndTime == 0 {
			t.Errorf("got %+v, want who marked it and its end kept", marked)
		}
		r.depend() // by the hint alone: the tick is far away
		r.wantUnmet("a child of the parent that is marked", waits, 0)
		r.wantUnmet("a child of the newest one", newest, 0)
		r.assign()
		r.wantState("the child goes", waits, batch.Assigned, batch.None)

		r.command("up/20150518", markAs(batch.Failed))
		r.wantUnmet("the child again", waits, 1)
		r.wantUnmet("the child of the newest one again", newest, 1)
		r.assign()
		r.wantState("taken back", waits, batch.Waiting, batch.None)
		if got := r.command("up/20150518.0", markAs(batch.Failed)); got.Changed || got.Code != CodeSame {
			t.Errorf("got %+v, want nothing changed the second time", got)
		}
		if n := r.audits("batch.mark"); n != 3 {
			t.Errorf("got %d audit rows, want one for each call", n)
		}
	})
}

func TestMarkOfWhatWaits(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newCommander(t, w)
		up, down := r.Define("up"), r.Define("down")
		parent := r.Batch(up, "20150518", func(b *store.NewBatch) { b.Thirds = []store.NewThird{{Code: "pay", Key: "1"}} })
		skipped := r.Batch(up, "20150519")
		child := r.Batch(down, "20150518", waitsOn(store.NewParent{TaskID: up, WorkNo: "20150518"}, store.NewParent{TaskID: up, WorkNo: "20150519"}))
		r.depend()
		r.command("up/20150518", markAs(batch.Success))
		if got := r.wantState("without running", parent, batch.Done, batch.Success); got.EndTime == 0 || got.Attempt != 0 {
			t.Errorf("got %+v, want an end and no attempt", got)
		}
		r.command("up/20150519", markAs(batch.Skipped))
		r.wantState("skipped", skipped, batch.Done, batch.Skipped)
		if move := r.Text("SELECT move FROM capri_batch_event WHERE workId = ? ORDER BY seq DESC LIMIT 1", skipped); move != string(batch.MoveSkip) {
			t.Errorf("got %s, want the move skip", move)
		}
		r.depend()
		r.wantUnmet("a skipped parent is none that succeeded", child, 1)
		r.refused("ended", "up/20150518", ann(), markAs(batch.Skipped), fault.Conflict, "only a waiting batch can be skipped")
		again := r.Batch(up, "20150519", func(b *store.NewBatch) { b.Type = 1 })
		r.refused("an older run", "up/20150519.0", ann(), markAs(batch.Success), fault.Conflict, "not the run that counts")
		r.must(r.Assign(storetest.Host, again))
		r.refused("assigned", "up/20150519", ann(), markAs(batch.Success), fault.Conflict, "about to start")
	})
}
