package storetest

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"capricornus/common/batch"
	"capricornus/common/store"
)

func liveCases() []exercise {
	return []exercise{
		{name: "CellsAreOfTheRunsThatCount", run: liveCells},
		{name: "ChildrenAreFoundByWorkNumberAndByPath", run: liveChildren},
		{name: "HappeningsComeInOrderWithTheirNames", run: liveHappenings},
		{name: "TheCatalogFollowsWhatIsSaved", run: liveCatalog},
	}
}

func liveCells(t *testing.T, w *World) {
	task, other := w.Task(), w.Task()
	done := w.Batch(task, "20150518")
	w.Succeed(done)
	w.Batch(task, "20150518", func(b *store.NewBatch) { b.Type, b.Origin = 1, batch.ByRerun })
	late := w.Batch(task, "20150520")
	rawExec(t, w.DB, "UPDATE capri_task_work SET dependTimeoutAt = 9 WHERE id = ?", late)
	w.Batch(task, "20150521")
	w.Batch(other, "20150519")
	w.view("cells", func(ctx context.Context, v *store.ViewTx) error {
		got, err := v.Cells(ctx, []int64{task}, "20150518", "20150520")
		cells := map[string]string{}
		for _, c := range got {
			cells[c.WorkNo] = fmt.Sprintf("%t %d %s %s late %t/%t", c.TaskID == task, c.Type, c.State, c.Finish, c.DependTimeout, c.OutputTimeout)
		}
		wantEqual(t, "cells", fmt.Sprint(cells), fmt.Sprint(map[string]string{
			"20150518": "true 1 waiting none late false/false", "20150520": "true 0 waiting none late true/false",
		}))
		return err
	})
}

func liveChildren(t *testing.T, w *World) {
	parent, child := w.Task(), w.Task()
	maker := w.Batch(parent, "20150518", func(b *store.NewBatch) {
		b.Outputs = []store.NewPath{{Path: fmt.Sprintf("/live/%d", parent), Ready: "exists"}}
	})
	waits := w.Batch(child, "20150518", func(b *store.NewBatch) {
		b.Parents = []store.NewParent{{TaskID: parent, WorkNo: "20150518"}}
	})
	reads := w.Batch(child, "20150519", func(b *store.NewBatch) {
		b.Inputs = []store.NewPath{{Path: fmt.Sprintf("/live/%d", parent), Ready: "exists"}}
	})
	w.view("children", func(ctx context.Context, v *store.ViewTx) error {
		key := store.ParentKey{TaskID: parent, WorkNo: "20150518"}
		found, err := v.ChildBatches(ctx, []store.ParentKey{key}, 10)
		w.ok("children", err)
		if len(found[key]) != 1 || found[key][0].ID != waits {
			t.Errorf("children: got %+v, want batch %d", found, waits)
		}
		readers, err := v.ReadingBatches(ctx, []int64{maker}, 10)
		if len(readers[maker]) != 1 || readers[maker][0].ID != reads {
			t.Errorf("readers: got %+v, want batch %d", readers, reads)
		}
		return err
	})
}

func liveHappenings(t *testing.T, w *World) {
	task := w.Task()
	id := w.Batch(task, "20150518")
	w.Succeed(id)
	w.view("happenings", func(ctx context.Context, v *store.ViewTx) error {
		var mine []store.EventKey
		var after store.EventKey
		for {
			keys, err := v.EventKeys(ctx, after, 7)
			if err != nil || len(keys) == 0 {
				break
			}
			for _, k := range keys {
				if k.WorkID == id {
					mine = append(mine, k)
				}
			}
			after = keys[len(keys)-1]
		}
		got, err := v.Happenings(ctx, mine)
		var moves strings.Builder
		for _, h := range got {
			fmt.Fprintf(&moves, "%d %s>%s %s;", h.Seq, h.FromState, h.ToState, h.Finish)
		}
		wantEqual(t, "happenings", moves.String(), "1 nothing>waiting none;2 waiting>assigned none;3 assigned>running none;4 running>done success;")
		if len(got) == 4 && (got[3].Host != Host || got[3].Project != "web" || got[3].Ref().WorkNo != "20150518" || got[3].Attempt != 1) {
			t.Errorf("happening: got %+v, want its host, project and reference", got[3])
		}
		since, err2 := v.EventKeys(ctx, store.EventKey{At: w.DB.Now().UnixMilli() + 60_000}, 7)
		wantEqual(t, "events of the future", len(since), 0)
		w.ok("events of the future", err2)
		_, err3 := v.RaisedSince(ctx, 0, 0, 5)
		w.ok("alerts", err3)
		return err
	})
}

func liveCatalog(t *testing.T, w *World) {
	catalog := store.NewCatalog(w.DB)
	first := w.Task()
	before, err := catalog.Tasks(t.Context())
	w.ok("read", err)
	same, err := catalog.Tasks(t.Context())
	w.ok("read again", err)
	if same != before {
		t.Error("got another list, want what is remembered")
	}
	second := w.Task(func(s *store.TaskSave) { s.Name = "in_the_catalog" })
	catalog.Forget()
	after, err := catalog.Tasks(t.Context())
	w.ok("read after a save", err)
	row, ok := after.ByName("in_the_catalog")
	if !ok || row.ID != second || len(after.Rows) != len(before.Rows)+1 || after.Mark == before.Mark || first == 0 {
		t.Errorf("got %d tasks, mark %s, found %t, want one more than %d and another mark than %s", len(after.Rows), after.Mark, ok, len(before.Rows), before.Mark)
	}
	catalog.Forget()
	if again, err := catalog.Tasks(t.Context()); err != nil || again != after {
		t.Errorf("got %v and another list, want the same for the same tasks", err)
	}
}
