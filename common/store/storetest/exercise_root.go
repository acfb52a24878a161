package storetest

import (
	"context"
	"fmt"
	"testing"

	"capricornus/common/batch"
	"capricornus/common/store"
)

// rootCases are about what the roots of alerts are found by.
func rootCases() []exercise {
	return []exercise{
		{name: "ReadsBatchesByIDAndTasksByName", run: rootsRead},
		{name: "TellsWhatWaitingBatchesLack", run: rootsAwaited},
		{name: "TellsWhichWorkNumbersBatchesWaitFor", run: rootsNeeded},
		{name: "ReadsTheNewestAlertOfAnObject", run: rootsWords},
		{name: "TellsOnWhichChannelsPeopleAreTold", run: rootsSent},
	}
}

func rootsRead(t *testing.T, w *World) {
	name := func(s *store.TaskSave) { s.Name = fmt.Sprint("rooted", w.IDs(1)[0]) }
	task, gone := w.Task(name), w.Task(name)
	old := w.Batch(task, "20150518")
	w.Succeed(old)
	again := w.Batch(task, "20150518", func(b *store.NewBatch) { b.Type = 1 })
	rawExec(t, w.DB, "UPDATE capri_task SET isDeleted = 1 WHERE id = ?", gone)
	w.view("read", func(ctx context.Context, v *store.ViewTx) error {
		nodes, err := v.NodesByID(ctx, []int64{again, old, again, -1})
		if err != nil {
			return err
		}
		wantEqual(t, "batches", len(nodes), 2)
		o, n := nodes[old], nodes[again]
		wantEqual(t, "the first run", o.Finish, batch.Success)
		wantEqual(t, "the second run", n.Ref().Run, 1)
		names, err := v.TaskNames(ctx, []int64{task, gone})
		if err != nil {
			return err
		}
		ids, err := v.TaskIDs(ctx, []string{names[task], names[gone], "nobody", names[task]})
		wantEqual(t, "tasks", len(ids), 2)
		wantEqual(t, "the one there is", ids[names[task]], store.TaskID{ID: task})
		wantEqual(t, "the deleted one", ids[names[gone]], store.TaskID{ID: gone, Deleted: true})
		return err
	})
}

func rootsAwaited(t *testing.T, w *World) {
	one, two, made := fmt.Sprint("/awaited/", w.IDs(1)[0]), fmt.Sprint("/awaited/", w.IDs(1)[0]), fmt.Sprint("/made/", w.IDs(1)[0])
	pay, ship := store.ThirdKey{Code: "awaited", DataNo: one[1:]}, store.ThirdKey{Code: "awaited", DataNo: two[1:]}
	needs := func(b *store.NewBatch) {
		b.Inputs = []store.NewPath{{Path: one, Ready: "exists"}, {Path: one, Ready: "_SUCCESS"}}
		b.Outputs = []store.NewPath{{Path: made, Ready: "exists"}}
		b.Thirds = []store.NewThird{{Code: pay.Code, Key: pay.DataNo}}
	}
	first, second := w.Batch(w.Task(), "20150518", needs), w.Batch(w.Task(), "20150518", needs)
	awaited := func(want bool) {
		t.Helper()
		w.view("read", func(ctx context.Context, v *store.ViewTx) error {
			hashes := []int64{store.PathHash(one), store.PathHash(two), store.PathHash(made)}
			paths, err := v.AwaitedPaths(ctx, append(hashes, hashes...))
			if err != nil {
				return err
			}
			thirds, err := v.AwaitedThirds(ctx, []store.ThirdKey{ship, pay})
			wantEqual(t, "path", paths[hashes[0]], want)
			wantEqual(t, "third party", thirds[pay], want)
			if paths[hashes[1]] || paths[hashes[2]] || thirds[ship] {
				t.Errorf("got %v and %v, want nothing that nobody waits for", paths, thirds)
			}
			return err
		})
	}
	awaited(true)
	rawExec(t, w.DB, "UPDATE capri_task_data SET state = 1 WHERE type = 1 AND taskWorkId = ?", first)
	rawExec(t, w.DB, "UPDATE capri_tthird_data SET state = 1 WHERE taskWorkId = ?", first)
	rawExec(t, w.DB, "UPDATE capri_task_work SET unmet = 0 WHERE id = ?", first)
	awaited(true)
	w.kill(second)
	awaited(false)
}

func rootsNeeded(t *testing.T, w *World) {
	up := w.Task()
	child := w.Batch(w.Task(), "20150518", func(b *store.NewBatch) {
		b.Parents = []store.NewParent{{TaskID: up, WorkNo: "20150518"}, {TaskID: up, Last: true}}
	})
	keys := []store.ParentKey{{TaskID: up, WorkNo: "20150517"}, {TaskID: up, WorkNo: "20150518"}, {TaskID: up}}
	needed := func(want int) {
		t.Helper()
		w.view("read", func(ctx context.Context, v *store.ViewTx) error {
			got, err := v.AwaitedParents(ctx, keys)
			wantEqual(t, "work numbers", len(got), want)
			wantEqual(t, "one nobody waits for", got[keys[0]], false)
			return err
		})
	}
	needed(2)
	w.kill(child)
	needed(0)
}

// kill ends batches that wait, as a person does.
func (w *World) kill(ids ...int64) {
	w.t.Helper()
	w.operate("kill", func(ctx context.Context, o *store.OperateTx) error {
		changes, err := changesFrom(ctx, o, batch.MoveKill, batch.Waiting, ids)
		for i := range changes {
			changes[i].To.State, changes[i].To.Finish, changes[i].To.EndTime = batch.Done, batch.Killed, o.Now()
		}
		if err != nil {
			return err
		}
		return o.Move(ctx, changes)
	})
}

func rootsWords(t *testing.T, w *World) {
	object := fmt.Sprint("nn", w.IDs(1)[0])
	raise := func(kind, occurrence, level string) {
		id := w.IDs(1)[0]
		w.lead("raise", func(ctx context.Context, l *store.LeaderTx) error {
			return l.Raise(ctx, store.Alert{ID: id, Kind: kind, Object: object, Occurrence: occurrence, Level: level, Text: "it is"})
		})
	}
	key := store.AlertObject{Kind: "hdfs-not-answering", Object: object}
	last := func(want string) {
		t.Helper()
		w.view("read", func(ctx context.Context, v *store.ViewTx) error {
			got, err := v.LastWords(ctx, []store.AlertObject{{Kind: "clock-off", Object: object}, key})
			wantEqual(t, "level of the newest", got[key].Level, want)
			wantEqual(t, "of another kind there is none", len(got), min(len(want), 1))
			return err
		})
	}
	last("")
	raise(key.Kind, "20/important", store.LevelImportant)
	last(store.LevelImportant)
	raise(key.Kind, "10/critical", store.LevelCritical)
	rawExec(t, w.DB, "UPDATE capri_alert SET createdAt = createdAt + 10 WHERE object = ? AND occurrence = '10/critical'", object)
	last(store.LevelCritical)
	raise(key.Kind, "15/notice", store.LevelNotice)
	rawExec(t, w.DB, "UPDATE capri_alert SET createdAt = createdAt + 20 WHERE object = ? AND occurrence = '15/notice'", object)
	last(store.LevelNotice)
}

func rootsSent(t *testing.T, w *World) {
	ids := w.IDs(4)
	hook := fmt.Sprint("room", ids[0])
	w.lead("put", func(ctx context.Context, l *store.LeaderTx) error {
		return l.PutMessages(ctx, []store.Message{
			{ID: ids[0], Purpose: "alert", Recipient: "hook:" + hook, Channel: "webhook"},
			{ID: ids[1], Purpose: "alert", Recipient: "ann", Channel: "phone"},
			{ID: ids[2], Purpose: "alert", Recipient: "ann", Channel: "sms"},
			{ID: ids[3], Purpose: "alert", Recipient: "hook:other", Channel: "webhook"},
		})
	})
	rawExec(t, w.DB, "UPDATE capri_message SET state = 1, endedAt = 1000, dueAt = 1015 WHERE id IN (?, ?, ?)", ids[0], ids[1], ids[3])
	rawExec(t, w.DB, "UPDATE capri_message SET state = 2, endedAt = 1000, dueAt = 1015 WHERE id = ?", ids[2])
	for since, want := range map[int64]bool{999: true, 1000: false, 0: true} {
		w.view("read", func(ctx context.Context, v *store.ViewTx) error {
			asked := []store.SentBy{
				{Channel: "webhook", Recipient: "hook:" + hook, Since: since}, {Channel: "phone", Since: since},
				{Channel: "sms", Since: since}, {Channel: "webhook", Recipient: "hook:nobody", Since: since},
			}
			got, err := v.Sent(ctx, asked)
			for i, a := range asked {
				wantEqual(t, fmt.Sprint(a), got[a], want && i < 2)
			}
			return err
		})
	}
}
