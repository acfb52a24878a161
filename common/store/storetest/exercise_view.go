package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"capricornus/common/store"
)

func viewCases() []exercise {
	return []exercise{{name: "ReadsOneSnapshot", run: oneSnapshot}, {name: "EndsWithItsCaller", run: endsWithItsCaller}}
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
