package live

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/common/wire"
)

// TestAStormOfAlertsIsToldWhole raises more alerts between two looks than one
// question asks for.
func TestAStormOfAlertsIsToldWhole(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		l := newLooker(New(Config{DB: w.DB, Leader: func() (string, string, bool) { return "m1", "", true }}))
		if _, err := l.look(t.Context(), true); err != nil {
			t.Fatal(err)
		}
		storm := make([]store.Alert, keyPage+5)
		for n, id := range w.IDs(len(storm)) {
			storm[n] = store.Alert{ID: id, Kind: store.AlertDependTimeout, Object: fmt.Sprint("b", n), Level: store.LevelTask, Text: "it is late"}
		}
		w.Decide("a storm", func(ctx context.Context, l *store.LeaderTx) error { return l.Raise(ctx, storm...) })
		items, err := l.look(t.Context(), true)
		told := slices.DeleteFunc(topicsOf(items), func(topic string) bool { return topic != wire.TopicAlert })
		if err != nil || len(told) != len(storm) {
			t.Errorf("got %d alerts, %v, want all %d", len(told), err, len(storm))
		}
		if items, err = l.look(t.Context(), true); err != nil || len(items) > 0 {
			t.Errorf("got %d events again, %v, want none", len(items), err)
		}
	})
}
