package cli

import (
	"strings"
	"testing"
	"time"

	"capricornus/common/wire"
)

// watched is a master with something to show of everything.
func watched(t *testing.T) *fakeMaster {
	t.Helper()
	operation := wire.Operation{ID: 7, Kind: "coldstart", State: "running", Author: "ann", Total: 10, Created: 10, Done: 3}
	done := operation
	done.State, done.Done = "done", 10
	busy := wire.HostDetail{Host: wire.Host{Host: "w1", Alive: true, Running: 1}}
	ended := someBatch(t)
	ended.State, ended.Finish = "done", "success"
	return newMaster(t, map[string]any{
		"GET /tasks":                             wire.TaskList{Items: []wire.TaskSummary{{Name: "dwd_access_d", Period: "day", Project: "weblog", Enabled: true}}},
		"GET /batches":                           wire.BatchList{Items: []wire.Batch{someBatch(t)}},
		"GET /batches/dwd_access_d/20150518":     wire.BatchDetail{Batch: ended},
		"GET /batches/dwd_access_d/20150518/why": wire.Why{},
		"GET /hosts":                             wire.HostList{Items: []wire.Host{busy.Host}},
		"GET /hosts/w1":                          busy,
		"GET /services":                          wire.ServiceList{Items: []wire.Service{{Name: "dependencies", EndedAt: noon().UnixMilli()}}},
		"GET /operations":                        wire.OperationList{Items: []wire.Operation{operation}},
		"GET /operations/7":                      steps(operation, done),
		"GET /projects":                          wire.ProjectList{Items: []wire.Project{{Name: "weblog"}}},
		"GET /settings":                          wire.SettingList{},
		"GET /users":                             wire.UserList{Items: []wire.User{{Name: "ann", Role: "admin", Enabled: true}}},
		"GET /tokens":                            wire.TokenList{Items: []wire.Token{{ID: 1, Name: "loader", User: "ann"}}},
		"GET /cluster":                           threeMasters(),
	})
}

// TestNothingMovesWhereThereIsNoTerminal walks the main commands on a terminal
// that takes everything, on those that do not, and in a pipe.
func TestNothingMovesWhereThereIsNoTerminal(t *testing.T) {
	main := []string{
		"task list", "batch list", "batch show dwd_access_d/20150518", "batch wait dwd_access_d/20150518", "host list", "host show w1",
		"service list", "op list", "op show 7", "op watch 7", "project list", "setting list", "user list", "token list", "cluster status", "config reference",
	}
	worlds := map[string]struct {
		terminal      bool
		name, value   string
		color, moving bool
	}{
		"Terminal":     {true, "TERM", "xterm-256color", true, true},
		"NoColor":      {true, "NO_COLOR", "1", false, true},
		"DumbTerminal": {true, "TERM", "dumb", false, false},
		"Pipe":         {false, "TERM", "xterm-256color", false, false},
	}
	for name, world := range worlds {
		t.Run(name, func(t *testing.T) {
			colored, moved := 0, 0
			for _, args := range main {
				s := at(watched(t))
				s.terminal = world.terminal
				s.environ[world.name] = world.value
				got := s.run(t, strings.Fields(args)...)
				if got.code != exitDone {
					t.Errorf("%s: got %+v, want %d", args, got, exitDone)
				}
				if strings.Contains(got.out, "\x1b[") {
					colored++
				}
				if strings.ContainsAny(got.err, "\r\x1b") {
					moved++
				}
			}
			if (colored > 0) != world.color || (moved > 0) != world.moving {
				t.Errorf("got %d commands with colour and %d that redraw, want colour %v and redrawing %v", colored, moved, world.color, world.moving)
			}
		})
	}
}

func TestTheTimeThatIsLeft(t *testing.T) {
	from := progress{noon(), 2}
	for name, c := range map[string]struct {
		after       time.Duration
		done, total int
		want        time.Duration
	}{
		"HalfInAMinute":   {time.Minute, 6, 10, time.Minute},
		"NothingYet":      {time.Minute, 2, 10, 0},
		"NoTimeHasPassed": {0, 6, 10, 0},
		"AllDone":         {time.Minute, 10, 10, 0},
		"BackAgain":       {time.Minute, 1, 10, 0}, // a rerun may take something back
	} {
		if got := from.left(noon().Add(c.after), c.done, c.total); got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}
