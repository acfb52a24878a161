package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"capricornus/common/store"
)

func viewCases() []exercise {
	return []exercise{{name: "ReadsOneSnapshot", run: oneSnapshot}, {name: "EndsWithItsCaller", run: endsWithItsCaller}, {name: "KeepsWhenADutyLastSucceeded", run: succeededRuns}}
}

// succeededRuns: a run with an error says nothing about when the work was done last.
func succeededRuns(t *testing.T, w *World) {
	for i, run := range []struct {
		failed string
		want   int64
	}{{"broken", 0}, {"", 20}, {"broken", 20}, {"broken again", 20}, {"", 50}} {
		at := int64(i+1) * 10
		w.lead("put", func(ctx context.Context, tx *store.LeaderTx) error {
			return tx.PutServiceRun(ctx, store.ServiceRun{Name: "depend", StartedAt: at - 1, EndedAt: at, Error: run.failed})
		})
		w.view("read", func(ctx context.Context, v *store.ViewTx) error {
			all, err := v.ServiceRuns(ctx)
			if len(all) != 1 || all[0].SucceededAt != run.want || all[0].EndedAt != at || all[0].Error != run.failed {
				t.Errorf("got %+v, want one that ended at %d and succeeded last at %d", all, at, run.want)
			}
			return err
		})
	}
}

// oneSnapshot changes a row between two reads of one View.
func oneSnapshot(t *testing.T, w *World) {
	w.view("read twice", func(ctx context.Context, v *store.ViewTx) error {
		before, err := v.HostByName(ctx, Host)
		if err != nil {
			return err
		}
		w.Beat(Host, before.Slots+1)
		after, err := v.HostByName(ctx, Host)
		wantEqual(t, "slots in the same look", after.Slots, before.Slots)
		w.view("read anew", func(ctx context.Context, fresh *store.ViewTx) error {
			now, err := fresh.HostByName(ctx, Host)
			wantEqual(t, "slots in the next look", now.Slots, before.Slots+1)
			return err
		})
		w.Beat(Host, before.Slots)
		return err
	})
}

// endsWithItsCaller lets the caller go away between the last statement and the
// commit: what the caller did is the error, not what became of the transaction.
func endsWithItsCaller(t *testing.T, w *World) {
	ctx, cancel := context.WithCancel(t.Context())
	err := w.DB.View(ctx, func(v *store.ViewTx) error {
		cancel()
		over := time.After(30 * time.Second)
		for {
			if _, err := v.HostByName(t.Context(), Host); err != nil {
				return nil //nolint:nilerr // it has been rolled back, which is what is waited for
			}
			select {
			case <-over:
				t.Error("waited too long for the transaction to be rolled back")
				return nil
			default:
			}
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want that the caller went away", err)
	}
}
