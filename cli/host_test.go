package cli

import (
	"strings"
	"testing"

	"capricornus/common/wire"
)

func TestHostDead(t *testing.T) {
	m := newMaster(t, map[string]any{
		"GET /hosts":          wire.HostList{Items: []wire.Host{{Host: "w1", Running: 2}, {Host: "w2", Running: 7}}},
		"POST /hosts/w1/dead": wire.Host{Host: "w1", Running: 2, DeadAt: 5, DeadBy: "admin", DeadReason: "burnt"},
	})
	got := at(m).run(t, "host", "dead", "w1", "--reason", "burnt", "--yes")
	if got.code != exitDone || got.out != "" || got.err != "w1 is declared dead; 2 batches counting as running there will be ended\n" {
		t.Errorf("got %+v, want a word on stderr", got)
	}
	if want := `{"reason":"burnt"}`; m.body("POST /hosts/w1/dead") != want {
		t.Errorf("got %s, want %s", m.body("POST /hosts/w1/dead"), want)
	}
	if got := at(m).run(t, "host", "dead", "w1", "--reason", "burnt", "--yes", "-o", "name"); got.out != "w1\n" {
		t.Errorf("got %+v, want the name", got)
	}
	for args, want := range map[string]string{
		"host dead w1 --yes":          "--reason is wanted",
		"host dead --reason x --yes":  "wants 1 argument",
		"host dead w1 --reason burnt": "nobody can be asked here",
	} {
		if got := at(m).run(t, strings.Fields(args)...); got.code != exitUsage || !strings.Contains(got.err, want) {
			t.Errorf("%s: got %+v, want %d and %q", args, got, exitUsage, want)
		}
	}
}

func TestHostDeadAsksOnATerminal(t *testing.T) {
	answers := map[string]any{
		"GET /hosts":          wire.HostList{Items: []wire.Host{{Host: "w1", Running: 1}}},
		"POST /hosts/w1/dead": wire.Host{Host: "w1", Running: 1, DeadAt: 5},
	}
	for answer, want := range map[string]bool{"y\n": true, "n\n": false, "": false} {
		m := newMaster(t, answers)
		s := at(m)
		s.stdin, s.terminal = answer, true
		got := s.run(t, "host", "dead", "w1", "--reason", "burnt")
		if !strings.Contains(got.err, "Declare w1 dead? It ends 1 batch counting as running there. [y/N]") || m.asked("POST /hosts/w1/dead") != want {
			t.Errorf("%q: got %+v, want it declared: %v", answer, got, want)
		}
	}
}
