package worker

import (
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"capricornus/common/wire"
	"capricornus/worker/vitals"
)

// roleTalker is a process with a connection: one that hangs waits for an answer
// for ever, one that is busy says something all the time.
func roleTalker(how, address string) error {
	connection, err := net.Dial("tcp", address)
	if err != nil {
		return err
	}
	defer connection.Close()
	pace := time.NewTicker(time.Millisecond)
	defer pace.Stop()
	for letter := []byte("x"); ; {
		if how == "busy" {
			<-pace.C
			if _, err := connection.Write(letter); err != nil {
				return err
			}
		}
		if _, err := connection.Read(letter); err != nil {
			return err
		}
	}
}

func TestStandingStill(t *testing.T) {
	t.Parallel()
	namenode, other := netip.MustParseAddrPort("10.0.0.5:8020"), netip.MustParseAddrPort("10.0.0.6:8020")
	at := func(minutes int) time.Time {
		return time.UnixMilli(1_700_000_000_000).Add(time.Duration(minutes) * time.Minute)
	}
	before := vitals.Talker{Pid: 7, Start: 9, Remote: namenode, IO: 1000, CPU: time.Minute}
	for name, c := range map[string]struct {
		next  func(*vitals.Talker)
		hangs bool
	}{
		"NothingMoves":              {func(*vitals.Talker) {}, true},
		"HousekeepingIsNoProgress":  {func(v *vitals.Talker) { v.CPU += 5 * time.Second }, true},
		"ProcessorTimeIsProgress":   {func(v *vitals.Talker) { v.CPU += 7 * time.Second }, false},
		"AByteIsProgress":           {func(v *vitals.Talker) { v.IO++ }, false},
		"AnotherAddressIsProgress":  {func(v *vitals.Talker) { v.Remote = other }, false},
		"AnotherProcessIsAnother":   {func(v *vitals.Talker) { v.Start++ }, false},
		"AnotherNumberIsAnotherToo": {func(v *vitals.Talker) { v.Pid++ }, false},
	} {
		var s stillness
		next := before
		c.next(&next)
		s.look(at(0), []talker{{Talker: before}})
		s.look(at(10), []talker{{Talker: next}})
		if got := len(s.hung(at(30), 30*time.Minute)) == 1; got != c.hangs {
			t.Errorf("%s: got %v, want %v", name, got, c.hangs)
		}
		if got := s.hung(at(29), 30*time.Minute); len(got) != 0 {
			t.Errorf("%s: got %v before the time is over, want nothing", name, got)
		}
		if got := s.hung(at(40), 30*time.Minute); len(got) != 1 {
			t.Errorf("%s: got %v after the time is over from the last look on, want it", name, got)
		}
		s.look(at(50), nil)
		if got := s.hung(at(500), 30*time.Minute); len(got) != 0 {
			t.Errorf("%s: got %v of a process that is gone, want nothing", name, got)
		}
	}
}

// silent listens and answers nothing, or everything.
func silent(t *testing.T, answer bool) (address string, port int) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { connection.Close() })
			if answer {
				go func() { _, _ = io.Copy(connection, connection) }()
			}
		}
	}()
	return listener.Addr().String(), listener.Addr().(*net.TCPAddr).Port
}

// TestOnlyTheHungProcessIsEnded has three processes of one attempt: one that
// hangs on a configured port, one that is busy there, one that hangs elsewhere.
func TestOnlyTheHungProcessIsEnded(t *testing.T) {
	m := newMaster(t)
	cfg := testConfig(t, m)
	namenode, port := silent(t, false)
	datanode, second := silent(t, true)
	elsewhere, _ := silent(t, false)
	cfg.HDFSPorts = []int{port, second}
	w, _ := startWorker(t, cfg)
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	a := shell(1, fmt.Sprintf(`export %s=talker
%[2]s hang %[3]s & a=$!
%[2]s busy %[4]s & b=$!
%[2]s hang %[5]s & c=$!
wait $a; echo "the one that hung: $?"
`, roleVariable, executable, namenode, datanode, elsewhere)+waitForGo+`kill -0 $b && kill -0 $c && echo "the others go on"; kill $b $c; wait; exit 0`)
	m.assign(a)
	m.fact(t, wire.FactStarted, keyOf(a))
	talkers := func() map[string]talker {
		all, err := w.talkers()
		if err != nil {
			t.Fatal(err)
		}
		out := map[string]talker{}
		for _, one := range all {
			out[one.Remote.String()] = one
		}
		return out
	}
	var first map[string]talker
	awaitThat(t, "connections to the two configured ports", func() bool { first = talkers(); return len(first) == 2 })
	began := time.Now()
	w.lookHung(began)
	awaitThat(t, "progress of the busy one", func() bool { return talkers()[datanode].IO > first[datanode].IO })
	if n := w.CheckHung(t.Context(), began.Add(cfg.HDFSHung-time.Minute)); n != 0 {
		t.Errorf("got %d processes ended before the time is over, want none", n)
	}
	if n := w.CheckHung(t.Context(), began.Add(cfg.HDFSHung)); n != 1 {
		t.Errorf("got %d processes ended, want the one that hangs", n)
	}
	release(t, cfg, 1)
	end := m.fact(t, wire.FactFinished, keyOf(a))
	if want := "the one that hung: 143\nthe others go on\n"; end.ExitCode == nil || *end.ExitCode != 0 || !strings.Contains(end.Tail, want) {
		t.Errorf("got %v and %q, want success with %q", end.ExitCode, end.Tail, want)
	}
	awaitThat(t, "the notice", func() bool { return len(m.told()) > 0 })
	notice := m.told()[0]
	pid := first[namenode].Pid
	for _, part := range []string{fmt.Sprintf("process %d ", pid), executable + " hang", namenode, "etl/20261120.0#1", "w1", "30m0s"} {
		if !strings.Contains(notice.Text, part) {
			t.Errorf("got %q, want %q in it", notice.Text, part)
		}
	}
	if notice.Kind != noticeHung || notice.WorkID != 1 || notice.Attempt != 1 || notice.Object != "etl/20261120.0#1" || len(m.told()) != 1 {
		t.Errorf("got %+v, want one about the attempt", m.told())
	}
}

func TestOnlyTheProcessThatIsMeantIsEnded(t *testing.T) {
	cmd := exec.Command("/bin/sleep", "86442")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { kill9(cmd) })
	pid := cmd.Process.Pid
	start, _ := vitals.Processes{}.Start(pid)
	if err := end(t.Context(), pid, start+1, time.Minute); err != nil || !lives(pid, start) {
		t.Errorf("got %v for another process of that number, want it left alone", err)
	}
	if err := end(t.Context(), pid, start, time.Minute); err != nil || lives(pid, start) {
		t.Errorf("got %v, want the process gone", err)
	}
	stubborn := exec.Command("/bin/sh", "-c", "trap '' TERM; echo up; while :; do read -t 1 x < /dev/null || :; done")
	out, err := stubborn.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := stubborn.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { kill9(stubborn) })
	if _, err := out.Read(make([]byte, 3)); err != nil {
		t.Fatal(err)
	}
	start, _ = vitals.Processes{}.Start(stubborn.Process.Pid)
	if err := end(t.Context(), stubborn.Process.Pid, start, 100*time.Millisecond); err != nil || lives(stubborn.Process.Pid, start) {
		t.Errorf("got %v, want one that does not listen killed", err)
	}
}
