package storetest

import (
	"context"
	"testing"

	"capricornus/common/store"
)

func viewCases() []exercise {
	return []exercise{{name: "ReadsOneSnapshot", run: oneSnapshot}}
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
