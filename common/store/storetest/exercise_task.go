package storetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"capricornus/common/period"
	"capricornus/common/store"
	"capricornus/common/task"
)

func taskCases() []exercise {
	return []exercise{
		{name: "FiltersTasks", run: filterTasks},
		{name: "TurnsAndDeletesTasks", run: turnTasks},
		{name: "NothingReliesOnWhatIsDeleted", run: relyOnDeleted},
		{name: "DeletesProjects", run: deleteProjects},
		{name: "PutsWorkerGroups", run: workerGroups},
	}
}

func filterTasks(t *testing.T, w *World) {
	for i := range 4 {
		w.Define(fmt.Sprintf("filter_%d", i), func(d *task.Task) {
			d.Metadata.Title = fmt.Sprintf("Title %d 100%%", i)
			d.Spec.Enabled = i%2 == 0
			d.Metadata.Labels = map[string]string{"layer": fmt.Sprint("l", i/2), "a.b-c": "x"}
			if i == 3 {
				d.Metadata.Labels, d.Spec.Period = nil, "week"
			}
		})
	}
	yes, no := true, false
	for name, c := range map[string]struct {
		f    store.TaskFilter
		want string
	}{
		"All":            {store.TaskFilter{Period: -1}, "0 1 2 3"},
		"Project":        {store.TaskFilter{Period: -1, Project: "web"}, "0 1 2 3"},
		"AnotherProject": {store.TaskFilter{Period: -1, Project: "none"}, ""},
		"Owner":          {store.TaskFilter{Period: -1, Owner: Person}, "0 1 2 3"},
		"AnotherOwner":   {store.TaskFilter{Period: -1, Owner: "nobody"}, ""},
		"Period":         {store.TaskFilter{Period: int(period.Week)}, "3"},
		"Enabled":        {store.TaskFilter{Period: -1, Enabled: &yes}, "0 2"},
		"Disabled":       {store.TaskFilter{Period: -1, Enabled: &no}, "1 3"},
		"HasALabel":      {store.TaskFilter{Period: -1, Label: "a.b-c"}, "0 1 2"},
		"Label":          {store.TaskFilter{Period: -1, Label: "layer", Value: "l0"}, "0 1"},
		"NoSuchLabel":    {store.TaskFilter{Period: -1, Label: "x"}, ""},
		"Name":           {store.TaskFilter{Period: -1, Text: "TER_1"}, "1"},
		"Title":          {store.TaskFilter{Period: -1, Text: "title 2"}, "2"},
		"SignsAreText":   {store.TaskFilter{Period: -1, Text: "0%"}, "0 1 2 3"},
		"AnyIsNoSign":    {store.TaskFilter{Period: -1, Text: "filter%1"}, ""},
		"OneIsNoSign":    {store.TaskFilter{Period: -1, Text: "filter?1"}, ""},
	} {
		c.f.After, c.f.Limit = "filter_", 10
		w.view(name, func(ctx context.Context, v *store.ViewTx) error {
			got, err := v.Tasks(ctx, c.f)
			var names []string
			for _, g := range got {
				if no, ours := strings.CutPrefix(g.Name, "filter_"); ours {
					names = append(names, no)
				}
			}
			wantEqual(t, name, strings.Join(names, " "), c.want)
			return err
		})
	}
	w.view("with definitions", func(ctx context.Context, v *store.ViewTx) error {
		got, err := v.TasksOf(ctx, "web", "filter_1", 1)
		if len(got) != 1 || got[0].Name != "filter_2" || !strings.Contains(got[0].Definition, "Title 2") {
			t.Errorf("got %+v, want the definition of filter_2", got)
		}
		return err
	})
}

func turnTasks(t *testing.T, w *World) {
	parent := w.Define("turn_parent")
	child := w.Define("turn_child")
	w.Change("INSERT INTO capri_task_depend (childTaskId, parentTaskId, kind, dependWindow) VALUES (?, ?, 'logic', 'default'), (?, ?, 'logic', '-1')", child, parent, parent, parent)
	w.operate("turn", func(ctx context.Context, o *store.OperateTx) error {
		row, err := o.LockTask(ctx, "turn_child")
		w.ok("lock", err)
		next := store.SavedVersion{Version: store.Version{TaskID: child, Version: row.Version + 1, Definition: row.Definition}, Note: "off"}
		w.ok("disable", o.TurnTask(ctx, next))
		next.Version.Version++
		next.IsDeleted, next.Note = true, "gone"
		w.view("children", func(ctx context.Context, v *store.ViewTx) error {
			names, err := v.ChildTasks(ctx, parent, 10)
			wantEqual(t, "children", strings.Join(names, " "), "turn_child")
			return err
		})
		w.ok("delete", o.TurnTask(ctx, next))
		if err := o.TurnTask(ctx, next); !errors.Is(err, store.ErrStale) {
			t.Errorf("got %v, want a version saved twice to be stale", err)
		}
		return nil
	})
	w.view("look", func(ctx context.Context, v *store.ViewTx) error {
		if _, err := v.TaskByName(ctx, "turn_child"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("got %v, want a deleted task not found", err)
		}
		ever, err := v.TaskEver(ctx, "turn_child")
		w.ok("ever", err)
		wantEqual(t, "deleted", ever.IsDeleted, true)
		rows, err := v.DeletedByName(ctx, []string{"turn_child", "turn_parent"})
		w.ok("deleted", err)
		if len(rows) != 1 || rows[0].ID != child || rows[0].Version != 3 {
			t.Errorf("got %+v, want the child at version 3", rows)
		}
		names, err := v.ChildTasks(ctx, parent, 10)
		wantEqual(t, "children of the parent", len(names), 0)
		w.ok("children", err)
		versions, err := v.VersionPage(ctx, child, 0, 2)
		w.ok("versions", err)
		if len(versions) != 2 || versions[0].Version.Version != 3 || !versions[0].IsDeleted || versions[0].Note != "gone" || versions[1].Note != "off" || versions[1].SavedBy != Person {
			t.Errorf("got %+v, want the deletion and the switch", versions)
		}
		older, err := v.VersionPage(ctx, child, 2, 2)
		wantEqual(t, "older", len(older), 1)
		w.ok("older", err)
		one, err := v.VersionAt(ctx, child, 1)
		if !strings.Contains(one.Definition, "turn_child") || !one.IsEnabled {
			t.Errorf("got %+v, want the first definition", one)
		}
		return err
	})
}

func relyOnDeleted(t *testing.T, w *World) {
	gone, child := w.Define("rely_gone"), w.Define("rely_child")
	open := w.Batch(gone, "20150518")
	w.view("unfinished", func(ctx context.Context, v *store.ViewTx) error {
		all, err := v.UnfinishedOf(ctx, gone, 10)
		if len(all) != 1 || all[0].ID != open || all[0].Ref().String() != "rely_gone/20150518.0" {
			t.Errorf("got %+v, want the batch that waits", all)
		}
		return err
	})
	w.operate("delete", func(ctx context.Context, o *store.OperateTx) error {
		row, err := o.LockTask(ctx, "rely_gone")
		w.ok("lock", err)
		return o.TurnTask(ctx, store.SavedVersion{Version: store.Version{TaskID: gone, Version: 2, Definition: row.Definition, IsDeleted: true}})
	})
	ctx := t.Context()
	err := w.Lead.Tx(ctx, "test", func(l *store.LeaderTx) error {
		return l.InsertBatches(ctx, []store.NewBatch{{ID: w.IDs(1)[0], TaskID: gone, ProjectID: w.Project, WorkNo: "20150519"}})
	})
	wantError(t, "a batch of a deleted task", err, store.ErrStale)
	err = w.DB.Operate(ctx, store.Actor{Kind: "person", ID: Person}, func(o *store.OperateTx) error {
		save := store.TaskSave{ID: child, ProjectID: w.Project, OwnerID: w.Owner, Version: 2, Edges: []store.Edge{{ParentID: gone, Kind: "logic", Window: "default"}}}
		w.fill(&save, w.Definition("rely_child"))
		return o.SaveTasks(ctx, []store.TaskSave{save}, "")
	})
	wantError(t, "a deleted parent", err, store.ErrStale)
}

func deleteProjects(t *testing.T, w *World) {
	ids := w.IDs(2)
	w.operate("make", func(ctx context.Context, o *store.OperateTx) error {
		return o.SaveProject(ctx, store.Project{ID: ids[0], Name: "zz_gone", Owner: Person}, "", ids[1])
	})
	save := store.TaskSave{ID: w.IDs(1)[0], ProjectID: ids[0], OwnerID: w.Owner, Version: 1}
	w.fill(&save, w.Definition("zz_in_gone"))
	put := func() error {
		return w.DB.Operate(t.Context(), store.Actor{Kind: "person", ID: Person}, func(o *store.OperateTx) error {
			return o.SaveTasks(t.Context(), []store.TaskSave{save}, "")
		})
	}
	w.operate("delete", func(ctx context.Context, o *store.OperateTx) error {
		w.ok("lock", o.LockHeld(ctx, store.HoldProject, ids[0]))
		return o.DeleteProject(ctx, ids[0])
	})
	wantError(t, "a task of a deleted project", put(), store.ErrStale)
	w.view("look", func(ctx context.Context, v *store.ViewTx) error {
		rows, err := v.ProjectsAfter(ctx, "zz_", 10)
		wantEqual(t, "projects", len(rows), 0)
		return err
	})
	w.operate("again", func(ctx context.Context, o *store.OperateTx) error {
		return o.SaveProject(ctx, store.Project{ID: w.IDs(1)[0], Name: "zz_gone", Owner: Person}, "", ids[1])
	})
	w.ok("a task of a project that is there again", put())
	w.view("look", func(ctx context.Context, v *store.ViewTx) error {
		rows, err := v.ProjectsAfter(ctx, "zz_", 10)
		w.ok("projects", err)
		sizes, err := v.ProjectSizes(ctx, []int64{ids[0], -1})
		if len(rows) != 1 || rows[0].ID != ids[0] || sizes[ids[0]] != (store.ProjectSize{ProjectID: ids[0], Tasks: 1, Enabled: 1}) {
			t.Errorf("got %+v of %+v, want the project with its task", sizes, rows)
		}
		return err
	})
}

func workerGroups(t *testing.T, w *World) {
	w.Define("grouped", func(d *task.Task) { d.Spec.Workers.Group = "gpu.big" })
	w.Beat("groups-1", 1)
	w.operate("put", func(ctx context.Context, o *store.OperateTx) error {
		w.ok("put", o.PutWorkerGroup(ctx, store.WorkerGroup{Name: "gpu.big", Description: "cards", IsEnabled: true}))
		w.ok("again", o.PutWorkerGroup(ctx, store.WorkerGroup{Name: "gpu.big", Description: "more cards"}))
		got, err := o.LockWorkerGroup(ctx, "gpu.big")
		wantEqual(t, "group", got, store.WorkerGroup{Name: "gpu.big", Description: "more cards"})
		return err
	})
	find := func(all []store.GroupUse, name string) int {
		for _, u := range all {
			if u.Name == name {
				return u.Count
			}
		}
		return 0
	}
	w.view("use", func(ctx context.Context, v *store.ViewTx) error {
		all, err := v.TasksByGroup(ctx, "")
		w.ok("tasks", err)
		one, err := v.TasksByGroup(ctx, "gpu.big")
		w.ok("tasks of one", err)
		workers, err := v.WorkersByGroup(ctx)
		if find(all, "gpu.big") != 1 || find(all, "default") == 0 || len(one) != 1 || find(workers, "default") == 0 {
			t.Errorf("got %v, %v, %v, want the groups with what uses them", all, one, workers)
		}
		return err
	})
	w.operate("delete", func(ctx context.Context, o *store.OperateTx) error {
		w.ok("delete", o.DeleteWorkerGroup(ctx, "gpu.big"))
		_, err := o.LockWorkerGroup(ctx, "gpu.big")
		wantError(t, "deleted", err, store.ErrNotFound)
		return nil
	})
}
