package cli

import (
	"strings"
	"testing"
	"time"

	"capricornus/common/wire"
)

func TestClusterTables(t *testing.T) {
	seen := ms(t, "2015-05-20T11:59:58")
	operation := wire.Operation{ID: 7, Kind: "coldstart", State: "running", Author: "admin", CreatedAt: seen, Total: 10, Created: 10, Done: 6, Failed: 1, Skipped: 2, Reason: "补数"}
	m := newMaster(t, map[string]any{
		"GET /hosts": wire.HostList{Items: []wire.Host{
			{Host: "w1", Group: "default", Alive: true, Slots: 16, Running: 2, Assigned: 1, Reserved: 3 << 30, LastCheckAt: seen, Version: "v1", Vitals: wire.Vitals{FreeMemory: 5 << 29, FreeDisk: 100 << 30, Load: 0.42}},
			{Host: "w2", Group: "default", Alive: true, Stopped: true, StopReason: "new disk", Slots: 8, LastCheckAt: seen, Vitals: wire.Vitals{FreeMemory: 100 << 20, FreeDisk: 512}},
			{Host: "w3", Group: "spark", LastCheckAt: ms(t, "2015-05-18T02:00:00")},
			{Host: "w4", Group: "spark", Stopped: true},
			{Host: "w6", Group: "default", Alive: true, Stopped: true, Draining: true, Running: 2, Slots: 8, StopReason: "kernel", StopBy: "eve", StopAt: seen, StopUntil: ms(t, "2015-05-20T14:00:00"), LastCheckAt: seen},
			{Host: "w7", Group: "default", Alive: true, Stopped: true, Draining: true, Slots: 8, StopReason: "board", StopBy: "eve", StopAt: seen, LastCheckAt: seen},
			{Host: "w8", Group: "halted", Alive: true, GroupOff: true, Slots: 8, LastCheckAt: seen},
			{Host: "w5", Group: "spark", Running: 1, LastCheckAt: ms(t, "2015-05-18T02:00:00"), DeadAt: seen, DeadBy: "admin", DeadReason: "the board is burnt"},
		}},
		"GET /services": wire.ServiceList{Items: []wire.Service{
			{Name: "depend", StartedAt: seen, EndedAt: seen + 80, Rows: 12, Epoch: 3},
			{Name: "generate", StartedAt: seen, EndedAt: seen + 1500, Error: "database does not answer", Epoch: 3},
			{Name: "timeout"},
		}},
		"GET /operations":           wire.OperationList{Items: []wire.Operation{operation}},
		"GET /operations/7":         operation,
		"POST /third-parties":       struct{}{},
		"POST /services/depend/run": struct{}{},
	})
	for name, args := range map[string]string{
		"host-list": "host list", "service-list": "service list", "op-list": "op list", "op-show": "op show 7", "config-reference": "config reference",
	} {
		got := at(m).run(t, strings.Fields(args)...)
		if got.code != exitDone || got.err != "" {
			t.Errorf("%s: got %+v, want %d", args, got, exitDone)
		}
		golden(t, name, got.out)
	}
	if got := at(m).run(t, "third", "put", "pay-settle", "20150518"); got.code != exitDone || got.out != "" || got.err != "announced pay-settle/20150518: batches that wait for it go on by themselves\n" {
		t.Errorf("got %+v, want a word on stderr", got)
	}
	if want := `{"code":"pay-settle","key":"20150518"}`; m.body("POST /third-parties") != want {
		t.Errorf("got %s, want %s", m.body("POST /third-parties"), want)
	}
	if got := at(m).run(t, "service", "run", "depend"); got.code != exitDone || !m.asked("POST /services/depend/run") {
		t.Errorf("got %+v, want %d", got, exitDone)
	}
}

func TestEveryListHasEveryForm(t *testing.T) {
	m := newMaster(t, map[string]any{
		"GET /hosts": wire.HostList{Items: []wire.Host{{Host: "w1"}}}, "GET /services": wire.ServiceList{Items: []wire.Service{{Name: "depend"}}},
		"GET /operations": wire.OperationList{Items: []wire.Operation{{ID: 7}}}, "GET /tasks": wire.TaskList{Items: []wire.TaskSummary{{Name: "a"}}},
		"GET /batches": wire.BatchList{Items: []wire.Batch{{Ref: "a/1.0"}}},
	})
	for list, name := range map[string]string{"host": "w1", "service": "depend", "op": "7", "task": "a", "batch": "a/1.0"} {
		for form, want := range map[string]string{"name": name + "\n", "json": `"items": [`, "yaml": "items:\n", "table": name} {
			got := at(m).run(t, list, "list", "-o", form)
			if got.code != exitDone || !strings.Contains(got.out, want) {
				t.Errorf("%s list -o %s: got %+v, want %q", list, form, got, want)
			}
		}
	}
}

func TestMigrateANewDatabase(t *testing.T) {
	s := nowhere(t)
	s.environ["CAPRI_MASTER_DATABASE_DSN"] = t.TempDir() + "/capri.db"
	args := func(verb string) []string {
		return []string{"migrate", verb, "--database-driver", "sqlite", "--timezone", "Asia/Shanghai"}
	}
	if got := s.run(t, args("status")...); got.code != exitConflict || !strings.Contains(got.err, "capri migrate up") {
		t.Errorf("got %+v, want %d before", got, exitConflict)
	}
	if got := s.run(t, args("up")...); got.code != exitDone || !strings.Contains(got.out, "Asia/Shanghai") {
		t.Errorf("got %+v, want %d and the zone", got, exitDone)
	}
	if got := s.run(t, args("status")...); got.code != exitDone {
		t.Errorf("got %+v, want %d afterwards", got, exitDone)
	}
	if got := s.run(t, "migrate", "up", "--database-driver", "sqlite"); got.code != exitDone || !strings.Contains(got.out, "Asia/Shanghai") {
		t.Errorf("got %+v, want the zone of the database where none is given", got)
	}
	if got := s.run(t, "migrate", "up", "--database-driver", "sqlite", "--timezone", "UTC"); got.code != exitConflict {
		t.Errorf("got %+v, want %d for another zone", got, exitConflict)
	}
}

func TestTimesCarryTheirOffsetWhenItDiffers(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	k := newClock(zone, noon())
	winter := time.Date(2015, 1, 5, 11, 0, 0, 0, time.UTC).UnixMilli()
	for got, want := range map[string]string{
		k.header("AT"):             "AT (+02:00)",
		k.at(noon().UnixMilli()):   "2015-05-20T06:00:00",
		k.at(winter):               "2015-01-05T12:00:00+01:00",
		k.at(0):                    "-",
		k.full(winter):             "2015-01-05T12:00:00+01:00",
		k.fine(winter + 7):         "2015-01-05T12:00:00.007+01:00",
		span(1500 * 1e6):           "1.5s",
		span(340 * 1e6):            "340ms",
		span(200 * 1e9):            "3m20s",
		span(2*3600*1e9 + 120e9):   "2h02m",
		span(50 * 3600 * 1e9):      "2d02h",
		bytesText(1):               "1Ki",
		plural(2, "dependency"):    "2 dependencies",
		plural(2, "batch"):         "2 batches",
		plural(7, "day"):           "7 days",
		plural(1, "day"):           "1 day",
		plural(3, "key"):           "3 keys",
		printable("a\x1b[2J\tb\n"): "a�[2J b\n",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
