package storetest

import (
	"bytes"
	"context"
	"testing"

	"capricornus/common/store"
)

func attemptLogCases() []exercise {
	return []exercise{
		{name: "KeepsTheEndsOfLogs", run: keepsLogs},
		{name: "DeletesKeptLogsWithTheirBatch", run: deletesLogs},
		{name: "DeletesKeptLogsThatAreOld", run: sweepsLogs},
	}
}

func (w *World) keepLogs(all ...store.AttemptLog) {
	w.t.Helper()
	w.ok("keep logs", w.DB.Work(w.t.Context(), store.Actor{Kind: "worker", ID: Host}, func(tx *store.WorkTx) error {
		return tx.KeepLogs(w.t.Context(), all)
	}))
}

func (w *World) keptLog(id int64, attempt int) (kept store.AttemptLog, err error) {
	w.t.Helper()
	ctx := w.t.Context()
	err = w.DB.View(ctx, func(v *store.ViewTx) (err error) {
		kept, err = v.KeptLog(ctx, id, attempt)
		return err
	})
	return kept, err
}

func keepsLogs(t *testing.T, w *World) {
	task := w.Task()
	ids := []int64{w.Batch(task, "20150518"), w.Batch(task, "20150519")}
	every := make([]byte, 256)
	for i := range every {
		every[i] = byte(i)
	}
	long := append(bytes.Repeat([]byte("x"), 100), bytes.Repeat(every, 256)...)
	var all []store.AttemptLog
	for attempt := range 40 { // more than go into one statement
		all = append(all, store.AttemptLog{WorkID: ids[0], Attempt: attempt + 1, FromByte: 7, Text: every})
	}
	w.keepLogs()
	w.keepLogs(append(all, store.AttemptLog{WorkID: ids[1], Attempt: 1, FromByte: 1 << 40, Text: long})...)
	w.keepLogs(store.AttemptLog{WorkID: ids[0], Attempt: 1, FromByte: 9, Text: []byte("again")})
	for _, attempt := range []int{1, 40} {
		kept, err := w.keptLog(ids[0], attempt)
		w.ok("read the kept log", err)
		if kept.FromByte != 7 || !bytes.Equal(kept.Text, every) {
			t.Errorf("attempt %d: got %d bytes from %d, want every byte as it was", attempt, len(kept.Text), kept.FromByte)
		}
	}
	kept, err := w.keptLog(ids[1], 1)
	w.ok("read the kept log", err)
	if kept.FromByte != 1<<40+100 || !bytes.Equal(kept.Text, long[100:]) {
		t.Errorf("got %d bytes from %d, want the last 64 KiB", len(kept.Text), kept.FromByte)
	}
	_, err = w.keptLog(ids[1], 2)
	wantError(t, "read the log of another attempt", err, store.ErrNotFound)
}

func deletesLogs(t *testing.T, w *World) {
	task := w.Task()
	gone, stays := w.Batch(task, "20150518"), w.Batch(task, "20150519")
	w.keepLogs(store.AttemptLog{WorkID: gone, Attempt: 1, Text: []byte("a")}, store.AttemptLog{WorkID: gone, Attempt: 2, Text: []byte("b")},
		store.AttemptLog{WorkID: stays, Attempt: 1, Text: []byte("c")})
	ctx := t.Context()
	w.ok("delete", w.Lead.Tx(ctx, "retention", func(tx *store.LeaderTx) error {
		if _, err := tx.LockOldNumbers(ctx, []store.ParentKey{{TaskID: task, WorkNo: "20150518"}}); err != nil {
			return err
		}
		return tx.DeleteBatches(ctx, []int64{gone})
	}))
	for _, attempt := range []int{1, 2} {
		_, err := w.keptLog(gone, attempt)
		wantError(t, "read the log of a deleted batch", err, store.ErrNotFound)
	}
	_, err := w.keptLog(stays, 1)
	w.ok("read the log of the other batch", err)
}

func sweepsLogs(t *testing.T, w *World) {
	task := w.Task()
	old, young := w.Batch(task, "20150518"), w.Batch(task, "20150519")
	for _, l := range []store.AttemptLog{{WorkID: old, Attempt: 1}, {WorkID: old, Attempt: 2}, {WorkID: old, Attempt: 3}, {WorkID: young, Attempt: 1}} {
		l.Text = []byte("the end")
		w.keepLogs(l)
	}
	rawExec(t, w.DB, "UPDATE capri_attempt_log SET keptAt = 5 WHERE taskWorkId = ? AND attempt < 3", old)
	gone := 0
	for range 3 {
		w.lead("sweep", func(ctx context.Context, tx *store.LeaderTx) error {
			n, err := tx.SweepLogs(ctx, 6, 1)
			gone += n
			return err
		})
	}
	wantEqual(t, "logs that are gone", gone, 2)
	for _, kept := range []store.AttemptLog{{WorkID: old, Attempt: 3}, {WorkID: young, Attempt: 1}} {
		if _, err := w.keptLog(kept.WorkID, kept.Attempt); err != nil {
			t.Errorf("log of attempt %d: got %v, want it kept", kept.Attempt, err)
		}
	}
}
