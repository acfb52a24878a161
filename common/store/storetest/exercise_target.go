package storetest

import (
	"context"
	"slices"
	"testing"

	"capricornus/common/batch"
	"capricornus/common/store"
)

func targetCases() []exercise {
	return []exercise{
		{name: "ChoosesBatchesForCommands", run: targets},
		{name: "ChoosesRunsByName", run: targetRuns},
		{name: "CountsOperationsAtOnce", run: operationCounts},
		{name: "ListsHostsWithKills", run: killHosts},
	}
}

func targets(t *testing.T, w *World) {
	const host = "w_target"
	a, b := w.Task(), w.Task()
	day := func(n *store.NewBatch) { n.Period = 3 }
	done := w.Batch(a, "20150518", day)
	w.Succeed(done)
	again := w.Batch(a, "20150518", day, func(n *store.NewBatch) { n.Type = 1 })
	waits := w.Batch(a, "20150519", day)
	given := w.Batch(a, "20150520", day)
	w.ok("assign", w.Assign(host, given))
	failed := w.Batch(b, "20150518", day, func(n *store.NewBatch) { n.OperationID = 77 })
	w.ok("assign", w.Assign(Host, failed))
	w.ok("start", w.Start(failed))
	w.ok("fail", w.Finish(1, failed))
	w.Hold(store.HoldBatch, waits)
	defer w.operate("release", func(ctx context.Context, o *store.OperateTx) error {
		_, err := o.ReleaseHolds(ctx, store.HoldBatch, waits)
		return err
	})
	w.view("rights", func(ctx context.Context, v *store.ViewTx) error {
		rights, err := v.TaskRights(ctx, []int64{a, b, -1})
		if len(rights) != 2 || rights[a].Owner != "admin" || rights[a].Project != "web" || rights[a].Department == 0 {
			t.Errorf("got %+v, want the owner and the project's department of both", rights)
		}
		return err
	})
	waiting, ended := batch.Waiting, batch.Failed
	cases := map[string]struct {
		filter store.TargetFilter
		want   []int64
	}{
		"OfTasks":            {store.TargetFilter{Tasks: []int64{b, a}}, []int64{again, waits, given, failed}},
		"OfTasksThatAreOpen": {store.TargetFilter{Tasks: []int64{a, b}, Open: true}, []int64{again, waits, given}},
		"OfNoTask":           {store.TargetFilter{Tasks: []int64{}}, nil},
		"AtMostTwo":          {store.TargetFilter{Tasks: []int64{a, b}, Limit: 2}, []int64{again, waits}},
		"OnAHost":            {store.TargetFilter{Host: host}, []int64{given}},
		"OnAHostOfATask":     {store.TargetFilter{Host: host, Tasks: []int64{b}}, nil},
		"Held":               {store.TargetFilter{Tasks: []int64{a, b}, Held: true}, []int64{waits}},
		"OfAProject":         {store.TargetFilter{Project: w.Project, Tasks: []int64{b}}, []int64{failed}},
		"OfAnotherProject":   {store.TargetFilter{Project: w.Project + 1, Tasks: []int64{b}}, nil},
		"OfAnOperation":      {store.TargetFilter{Operation: 77}, []int64{failed}},
		"InAState":           {store.TargetFilter{Tasks: []int64{a}, State: &waiting}, []int64{again, waits}},
		"WithAResult":        {store.TargetFilter{Tasks: []int64{a, b}, Finish: &ended}, []int64{failed}},
		"InARange":           {store.TargetFilter{Tasks: []int64{a, b}, Period: 3, From: "20150519", To: "20150519"}, []int64{waits}},
		"FromANumberOn":      {store.TargetFilter{Tasks: []int64{a, b}, Period: 3, From: "20150519"}, []int64{waits, given}},
		"UpToANumber":        {store.TargetFilter{Tasks: []int64{a, b}, Period: 3, To: "20150518"}, []int64{again, failed}},
		"OfAnotherPeriod":    {store.TargetFilter{Tasks: []int64{a, b}, Period: 2, To: "20150518"}, nil},
	}
	for name, c := range cases {
		w.view(name, func(ctx context.Context, v *store.ViewTx) error {
			if c.filter.Limit == 0 {
				c.filter.Limit = 100
			}
			found, err := v.Targets(ctx, c.filter)
			var got []int64
			for _, f := range found {
				got = append(got, f.ID)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%s: got %v, want %v", name, got, c.want)
			}
			return err
		})
	}
}

func targetRuns(t *testing.T, w *World) {
	task := w.Task()
	first := w.Batch(task, "20150518")
	w.Succeed(first)
	second := w.Batch(task, "20150518", func(n *store.NewBatch) { n.Type = 1 })
	key := func(no string, run int) store.NamedRun {
		return store.NamedRun{ParentKey: store.ParentKey{TaskID: task, WorkNo: no}, Run: run}
	}
	w.view("read", func(ctx context.Context, v *store.ViewTx) error {
		got, err := v.TargetsOf(ctx, []store.NamedRun{key("20150518", 0), key("20150518", batch.AnyRun), key("20150518", 2), key("20150519", 0)})
		if len(got) != 2 || got[key("20150518", 0)].ID != first || got[key("20150518", batch.AnyRun)].ID != second || got[key("20150518", batch.AnyRun)].Type != 1 {
			t.Errorf("got %+v, want the first run, and the second as the one that counts", got)
		}
		return err
	})
}

func operationCounts(t *testing.T, w *World) {
	task := w.Task()
	first, second := w.operation(task, "20150518", "20150519"), w.operation(task, "20150601")
	for _, id := range []int64{first, second} {
		_, err := w.createPage(id, 10)
		w.ok("create", err)
	}
	w.Succeed(int64(w.figure("SELECT id FROM capri_task_work WHERE operationId = ? AND workNo = '20150518'", first)))
	for no, reason := range map[string]string{"20150519": store.CancelledReason(first), "20150601": store.CancelledReason(first)} {
		rawExec(t, w.DB, "UPDATE capri_task_work SET state = 3, finishState = 5, killReason = ? WHERE taskId = ? AND workNo = ?", reason, task, no)
	}
	defer rawExec(t, w.DB, "UPDATE capri_task_work SET state = 0, finishState = 0, killReason = '' WHERE taskId = ? AND workNo <> '20150518'", task)
	command, changed := w.IDs(1)[0], w.Batch(task, "20150701")
	items := make([]store.OperationItem, 5)
	for i := range items {
		items[i] = store.OperationItem{N: i, TaskID: task, WorkNo: "20150701", Decision: "change", ExistingID: changed}
	}
	w.operate("put a command", func(ctx context.Context, o *store.OperateTx) error {
		return o.PutOperation(ctx, store.Operation{ID: command, Kind: "kill", State: store.OperationCreating, Author: "admin", Total: 5}, items, 0)
	})
	w.lead("do a page", func(ctx context.Context, l *store.LeaderTx) error {
		page, err := l.ItemsToChange(ctx, command, 3)
		w.ok("items", err)
		wantEqual(t, "items of a page", len(page), 3)
		page[0].BatchID, page[0].Result = changed, "killed"
		page[1].Decision, page[1].Result = "fail", "done by now"
		return l.ItemsMade(ctx, command, page[:2])
	})
	w.view("count", func(ctx context.Context, v *store.ViewTx) error {
		rest, err := v.ItemsToChange(ctx, command, 10)
		w.ok("items", err)
		if len(rest) != 3 || rest[0].N != 2 {
			t.Errorf("got %+v, want the three that are left", rest)
		}
		counts, err := v.ItemCounts(ctx, []int64{first, second, command})
		w.ok("count items", err)
		if counts[first]["create"] != 2 || counts[second]["create"] != 1 || counts[first]["skip"] != 1 || counts[command]["change"] != 4 || counts[command]["fail"] != 1 {
			t.Errorf("got %v, want the decisions of each", counts)
		}
		progress, err := v.Progresses(ctx, []int64{first, second, command})
		wantEqual(t, "first", progress[first], store.Progress{Done: 1})
		wantEqual(t, "second, killed for another reason", progress[second], store.Progress{Failed: 1})
		wantEqual(t, "a command", progress[command], store.Progress{})
		return err
	})
}

func killHosts(t *testing.T, w *World) {
	const host = "w_kills"
	task := w.Task()
	ids := []int64{w.Batch(task, "20150518"), w.Batch(task, "20150519"), w.Batch(task, "20150520")}
	w.ok("assign", w.Assign(host, ids...))
	w.ok("start", w.Start(ids[:2]...))
	hosts := func() (out []string) {
		w.view("list", func(ctx context.Context, v *store.ViewTx) (err error) {
			out, err = v.KillHosts(ctx)
			return err
		})
		return out
	}
	wantEqual(t, "before", slices.Contains(hosts(), host), false)
	w.operate("order", func(ctx context.Context, o *store.OperateTx) error {
		changes, err := changesFrom(ctx, o, batch.MoveOrderKill, batch.Running, ids[:2])
		for i := range changes {
			changes[i].To.KillBy, changes[i].To.KillAt, changes[i].To.KillReason = "ann", o.Now(), "wrong input"
		}
		w.ok("lock", err)
		return o.Move(ctx, changes)
	})
	n := 0
	for _, h := range hosts() {
		if h == host {
			n++
		}
	}
	wantEqual(t, "times the host is listed", n, 1)
	w.ok("end", w.Finish(137, ids[:2]...))
	wantEqual(t, "afterwards", slices.Contains(hosts(), host), false)
}
