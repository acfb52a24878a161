package fleet_test

import (
	"context"
	"strings"
	"testing"

	"capricornus/common/fault"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/common/wire"
	"capricornus/master/fleet"
)

// eve turns a switch straight in the database.
func eve(t *testing.T, w *storetest.World, host, position string, request wire.SwitchRequest) (wire.SwitchReply, error) {
	t.Helper()
	by := fleet.By{Actor: store.Actor{Kind: "person", ID: "eve"}, Source: "database"}
	return fleet.Turn(t.Context(), w.DB, by, fleet.Order{Host: host, Position: position, SwitchRequest: request})
}

func TestTurn(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		task := w.Define("turned")
		running, idle := w.Batch(task, "20150518"), w.Batch(task, "20150519")
		for _, err := range []error{w.Assign("w1", running, idle), w.Start(running)} {
			if err != nil {
				t.Fatal(err)
			}
		}
		for _, step := range []struct {
			position string
			request  wire.SwitchRequest
			changed  bool
			says     string
		}{
			{"on", wire.SwitchRequest{}, false, "w1 was on already"},
			{"off", wire.SwitchRequest{Reason: "kernel"}, true, "w1 is switched off: it finishes what it runs and gets nothing new; 1 running, 1 assigned and not started, which others get"},
			{"off", wire.SwitchRequest{Reason: "disk"}, false, "w1 was switched off already; reason and end are the new ones; 1 running, 1 assigned and not started, which others get"},
			{"drain", wire.SwitchRequest{Reason: "disk"}, true, "w1 drains: it gets nothing new and stays off once it is empty; 1 running, 1 assigned and not started, which others get"},
			{"drain", wire.SwitchRequest{Reason: "board"}, false, "w1 was switched off to drain already; reason and end are the new ones; 1 running, 1 assigned and not started, which others get"},
			{"on", wire.SwitchRequest{Reason: "done"}, true, "w1 is switched on"},
		} {
			got, err := eve(t, w, "w1", step.position, step.request)
			if err != nil || got.Changed != step.changed || got.Message != step.says {
				t.Errorf("%s: got %+v, %v, want %q, changed: %v", step.position, got, err, step.says, step.changed)
			}
		}
		wantAudits(t, w, "w1", 6)
		for host, position := range map[string]string{"ghost": "off", "w1'; --": "drain", "": "on"} {
			if _, err := eve(t, w, host, position, wire.SwitchRequest{Reason: "x"}); fault.CodeOf(err) != fault.NotFound || !strings.Contains(err.Error(), "there is no worker") {
				t.Errorf("%q: got %v, want that there is none", host, err)
			}
			wantAudits(t, w, host, 0)
		}
	})
}

func wantAudits(t *testing.T, w *storetest.World, host string, want int) {
	t.Helper()
	var n int
	row := w.DB.Raw().QueryRowContext(t.Context(), "SELECT COUNT(*) FROM capri_audit_log WHERE action LIKE 'host.%' AND source = 'database' AND actor = 'eve' AND object = ?", host)
	if err := row.Scan(&n); err != nil || n != want {
		t.Errorf("got %d audit rows of %q, %v, want %d", n, host, err, want)
	}
}

// A switch whose audit row fails is not turned: nobody would know who has done it.
func TestNoSwitchWithoutItsAuditRow(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		w.Change("ALTER TABLE capri_audit_log RENAME TO capri_audit_gone")
		_, err := eve(t, w, "w1", "off", wire.SwitchRequest{Reason: "kernel"})
		if err == nil {
			t.Error("got no error, want one")
		}
		w.View("the switch", func(ctx context.Context, v *store.ViewTx) error {
			h, err := v.HostByName(ctx, "w1")
			if h.IsStop {
				t.Errorf("got %+v, want it on", h)
			}
			return err
		})
		w.Change("ALTER TABLE capri_audit_gone RENAME TO capri_audit_log")
	})
}
