package cli

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"capricornus/common/wire"
)

// fleetOf is a master with these workers, and one answer to every switch of w1.
func fleetOf(t *testing.T, reply wire.SwitchReply, hosts ...wire.Host) *fakeMaster {
	t.Helper()
	return newMaster(t, map[string]any{
		"GET /hosts": wire.HostList{Items: hosts}, "POST /hosts/w1/on": reply, "POST /hosts/w1/off": reply, "POST /hosts/w1/drain": reply,
	})
}

func TestHostOnOffDrain(t *testing.T) {
	until := ms(t, "2015-05-20T14:00:00")
	reply := wire.SwitchReply{Host: wire.Host{Host: "w1", Alive: true, Stopped: true, StopUntil: until}, Changed: true, Message: "w1 is switched off: 2 running"}
	m := fleetOf(t, reply, wire.Host{Host: "w1", Alive: true}, wire.Host{Host: "w2", Alive: true})
	for args, want := range map[string]string{
		"host off w1 --reason disk":                                `{"reason":"disk"}`,
		"host off w1 --reason disk --for 2h":                       `{"reason":"disk","forSeconds":7200}`,
		"host off w1 --reason disk --for 1500ms":                   `{"reason":"disk","forSeconds":2}`,
		"host off w1 --reason disk --until 2015-05-20T14:00":       `{"reason":"disk","until":1432101600000}`,
		"host drain w1 --reason disk --until 2015-05-20T06:00:00Z": `{"reason":"disk","until":1432101600000}`,
		"host on w1":                `{}`,
		"host on w1 --reason ready": `{"reason":"ready"}`,
	} {
		got := at(m).run(t, strings.Fields(args)...)
		if got.code != exitDone || got.out != "" || got.err != "w1 is switched off: 2 running\n  it is on again by itself at 2015-05-20T14:00:00+08:00\n" {
			t.Errorf("%s: got %+v, want words on stderr", args, got)
		}
		if body := m.body("POST /hosts/w1/" + strings.Fields(args)[1]); body != want {
			t.Errorf("%s: got %s, want %s", args, body, want)
		}
	}
	if got := at(m).run(t, "host", "off", "w1", "--reason", "x", "-o", "name"); got.out != "w1\n" {
		t.Errorf("got %+v, want the name", got)
	}
	got := at(m).run(t, "host", "off", "w1", "--reason", "x", "-o", "json")
	var shown wire.SwitchReply
	if err := json.Unmarshal([]byte(got.out), &shown); err != nil || shown.Message != reply.Message || shown.Host.Host != "w1" {
		t.Errorf("got %+v, %v, want the answer", got, err)
	}
	if got := at(m).run(t, "host", "off", "w1", "--reason", "x", "-o", "yaml"); !strings.Contains(got.out, "changed: true\n") {
		t.Errorf("got %+v, want the answer", got)
	}
}

func TestHostSwitchUsage(t *testing.T) {
	m := fleetOf(t, wire.SwitchReply{})
	for args, want := range map[string]string{
		"host off w1":                                   "--reason is wanted",
		"host drain w1 --for 2h":                        "--reason is wanted",
		"host off --reason x":                           "wants 1 argument",
		"host off w1 w2 --reason x":                     "wants 1 argument",
		"host off w1 --reason x --for -2h":              "--for -2h0m0s is not a time to come",
		"host off w1 --reason x --for 2h --until 2015":  "exclude each other",
		"host off w1 --reason x --until soon":           "is no time",
		"host drain w1 --reason x --timeout 2h":         "give both",
		"host drain w1 --reason x --wait --timeout -2h": "not a time to come",
		"host on w1 --for 2h":                           "unknown flag",
		"host off w1 --reason x --wait":                 "unknown flag",
		"host list --database x":                        "only done with --direct",
		"host off w1 --reason x --config x":             "only done with --direct",
		"host list --direct":                            "on which database?",
		"host list --direct --database a --config b":    "exclude each other",
	} {
		if got := at(m).run(t, strings.Fields(args)...); got.code != exitUsage || !strings.Contains(got.err, want) {
			t.Errorf("%s: got %+v, want %d and %q", args, got, exitUsage, want)
		}
	}
	if m.asked("POST /hosts/w1/off") || m.asked("POST /hosts/w1/drain") {
		t.Errorf("got %v, want nothing switched", m.calls)
	}
}

// The last worker that is on is not switched off without a word.
func TestTheLastWorkerThatIsOn(t *testing.T) {
	off := wire.SwitchReply{Host: wire.Host{Host: "w1", Stopped: true}, Message: "done"}
	others := []wire.Host{{Host: "w1", Alive: true}, {Host: "w2", Alive: true, Stopped: true}, {Host: "w3"}, {Host: "w4", Alive: true, GroupOff: true}}
	const question = "w1 is the last worker that is on: nothing starts until one is on again"
	for answer, want := range map[string]bool{"y\n": true, "n\n": false, "": false} {
		m := fleetOf(t, off, others...)
		s := at(m)
		s.stdin, s.terminal = answer, true
		got := s.run(t, "host", "off", "w1", "--reason", "x")
		if !strings.Contains(got.err, question+". Go ahead? [y/N]") || m.asked("POST /hosts/w1/off") != want {
			t.Errorf("%q: got %+v, want it switched: %v", answer, got, want)
		}
	}
	m := fleetOf(t, off, others...)
	if got := at(m).run(t, "host", "drain", "w1", "--reason", "x"); got.code != exitDone || !strings.Contains(got.err, question) || !m.asked("POST /hosts/w1/drain") {
		t.Errorf("got %+v, want it done with a word: nobody can be asked", got)
	}
	s := at(m)
	s.terminal = true
	if got := s.run(t, "host", "off", "w1", "--reason", "x", "--yes"); got.code != exitDone || strings.Contains(got.err, question) {
		t.Errorf("got %+v, want no question", got)
	}
	m = fleetOf(t, off, append(others, wire.Host{Host: "w5", Alive: true})...)
	if got := at(m).run(t, "host", "off", "w1", "--reason", "x"); strings.Contains(got.err, question) {
		t.Errorf("got %+v, want no word: w5 is on", got)
	}
}

// draining answers with one step after the other, and with the last one for ever.
func draining(t *testing.T, steps ...wire.Host) *fakeMaster {
	t.Helper()
	m := fleetOf(t, wire.SwitchReply{Host: steps[0], Message: "w1 drains"}, wire.Host{Host: "w2", Alive: true})
	var n atomic.Int64
	m.answers["GET /hosts/w1"] = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		i := min(int(n.Add(1)), len(steps)-1)
		_ = json.NewEncoder(w).Encode(wire.HostDetail{Host: steps[i]})
	})
	return m
}

func TestDrainWaits(t *testing.T) {
	step := func(running, assigned int) wire.Host {
		return wire.Host{Host: "w1", Alive: true, Stopped: true, Draining: true, Running: running, Assigned: assigned}
	}
	on := wire.Host{Host: "w1", Alive: true, Running: 1}
	m := draining(t, step(2, 1), step(2, 0), step(2, 0), step(1, 0), step(0, 0))
	got := at(m).run(t, "host", "drain", "w1", "--reason", "x", "--wait", "--timeout", "1h", "-o", "name")
	want := "w1 drains\nw1 draining: 2 running, 1 assigned\nw1 draining: 2 running\nw1 draining: 1 running\n" +
		"w1 is drained: nothing is left on it; it stays off until capri host on w1\n"
	if got.code != exitDone || got.err != want || got.out != "w1\n" {
		t.Errorf("got %+v, want a line for each change and the end", got)
	}
	got = at(draining(t, step(0, 0))).run(t, "host", "drain", "w1", "--reason", "x", "--wait", "-o", "json")
	if got.code != exitDone || !strings.Contains(got.err, "w1 is drained") || !strings.Contains(got.out, `"draining": true`) {
		t.Errorf("got %+v, want it drained at once", got)
	}
	got = at(draining(t, step(2, 0), on)).run(t, "host", "drain", "w1", "--reason", "x", "--wait")
	if got.code != exitConflict || !strings.Contains(got.err, "w1 is switched on again: it was not drained") {
		t.Errorf("got %+v, want %d", got, exitConflict)
	}
	got = at(draining(t, step(2, 0))).run(t, "host", "drain", "w1", "--reason", "x", "--wait", "--timeout", "20ms")
	if got.code != exitTimeout || !strings.Contains(got.err, "after 20ms w1 is not empty: 2 running") || got.out != "" {
		t.Errorf("got %+v, want %d and what is left", got, exitTimeout)
	}
	s := at(draining(t, step(4, 0), step(3, 0), step(0, 0)))
	s.terminal = true
	got = s.run(t, "host", "drain", "w1", "--reason", "x", "--wait", "--yes")
	if got.code != exitDone || !strings.Contains(got.err, "\r\x1b[K██████░░░░░░░░░░░░░░░░░░ w1 draining: 3 running\r\x1b[Kw1 is drained") {
		t.Errorf("got %q, want a bar", got.err)
	}
}

func TestHostShow(t *testing.T) {
	seen := ms(t, "2015-05-20T11:59:58")
	detail := wire.HostDetail{
		Host: wire.Host{
			Host: "w1", Group: "default", Labels: map[string]string{"disk": "ssd", "arch": "arm"}, Alive: true, Stopped: true, Draining: true,
			StopReason: "new kernel", StopBy: "eve", StopAt: ms(t, "2015-05-20T11:00:00"), StopUntil: ms(t, "2015-05-20T14:00:00"),
			LastCheckAt: seen, CheckInterval: 30000, StartedAt: ms(t, "2015-05-18T02:00:00"), Slots: 16, Running: 1, Assigned: 1, Reserved: 3 << 30,
			Vitals: wire.Vitals{Memory: 8 << 30, FreeMemory: 5 << 29, FreeDisk: 100 << 30, Load: 0.42}, Version: "v1", Address: "http://w1:9000", Incarnation: "ab12",
		},
		Features: []string{"session", "run-timeout", "keeper", "no-new-privs", "memory: sampled", "cgroup1: pids", "levitation"}, LoadLimit: 2, LeaseMillis: 600000, KnownAt: ms(t, "2015-05-01T00:00:00"),
		Batches:   []wire.HostBatch{{Ref: "a/20150519.0", State: "running", Attempt: 1, Since: ms(t, "2015-05-20T10:00:00"), Memory: 2 << 30}, {Ref: "b/20150519.0", State: "assigned", Attempt: 2, Since: seen, Memory: 1 << 30}},
		TakenAway: []wire.HostLoss{{Ref: "c/20150519.1", Attempt: 3, At: seen, NewHost: "w2", Reason: "switched off: w1, by eve: new kernel"}, {Ref: "d/20150519.0", Attempt: 1, At: seen, Reason: "w1 refused: no memory"}},
	}
	bare := wire.HostDetail{Host: wire.Host{Host: "w2", Group: "default", Stopped: true}}
	m := newMaster(t, map[string]any{"GET /hosts/w1": detail, "GET /hosts/w2": bare})
	for name, args := range map[string]string{"host-show": "host show w1", "host-show-bare": "host show w2", "host-show-json": "host show w1 -o json", "host-show-yaml": "host show w1 -o yaml"} {
		got := at(m).run(t, strings.Fields(args)...)
		if got.code != exitDone || got.err != "" {
			t.Errorf("%s: got %+v, want %d", args, got, exitDone)
		}
		golden(t, name, got.out)
	}
	if got := at(m).run(t, "host", "show", "w1", "-o", "name"); got.out != "w1\n" {
		t.Errorf("got %+v, want the name", got)
	}
	if got := at(m).run(t, "host", "show", "ghost"); got.code != exitNotFound {
		t.Errorf("got %+v, want %d", got, exitNotFound)
	}
}

func TestFeaturesInWords(t *testing.T) {
	for name, c := range map[string]struct {
		has         []string
		can, cannot string
	}{
		"EverythingThereIs": {
			[]string{"session", "run-timeout", "keeper", "accounts", "no-new-privs", "cgroup2: kill, memory, pids"},
			"every attempt in a session of its own; run timeouts; a keeper that watches attempts while the worker is down; scripts as accounts of their own; " +
				"no new privileges for scripts; limits of memory kept by the kernel; limits of processes kept by the kernel; cgroup2: kill, memory, pids", "",
		},
		"OneLimitBySamples": {
			[]string{"session", "run-timeout", "keeper", "accounts", "no-new-privs", "memory: sampled", "cgroup1: pids"},
			"every attempt in a session of its own; run timeouts; a keeper that watches attempts while the worker is down; scripts as accounts of their own; " +
				"no new privileges for scripts; limits of processes kept by the kernel; cgroup1: pids", "the kernel does not limit memory: samples are taken instead",
		},
		"OnlyWhatAnyHostCan": {
			[]string{"session", "run-timeout", "no-new-privs", "memory: sampled", "processes: sampled"},
			"every attempt in a session of its own; run timeouts; no new privileges for scripts",
			"no keeper: nobody watches attempts while the worker is down; no accounts: scripts run as the worker's own user; " +
				"the kernel does not limit memory: samples are taken instead; the kernel does not limit processes: samples are taken instead",
		},
	} {
		t.Run(name, func(t *testing.T) {
			can, cannot := features(c.has)
			if got := strings.Join(can, "; "); got != c.can {
				t.Errorf("got %q, want %q", got, c.can)
			}
			if got := strings.Join(cannot, "; "); got != c.cannot {
				t.Errorf("got %q, want %q", got, c.cannot)
			}
		})
	}
}
