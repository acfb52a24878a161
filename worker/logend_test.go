package worker

import (
	"os"
	"strings"
	"testing"

	"capricornus/common/wire"
)

const tenKilobytes = "i=0; while [ $i -lt 1024 ]; do echo 'a line: x'; i=$((i + 1)); done; "

func TestTheEndOfALongLogTravelsWithTheResult(t *testing.T) {
	m := newMaster(t)
	cfg := testConfig(t, m)
	startWorker(t, cfg)
	long, short, binary := shell(1, tenKilobytes+"exit 3"), shell(2, "echo short"), shell(3, `printf 'a\377\376b'`)
	m.assign(long, short, binary)
	for _, c := range []struct {
		what string
		a    wire.Assignment
		want string
	}{
		{"long", long, strings.Repeat("a line: x\n", 1024)}, {"short", short, ""}, {"binary", binary, "a\xff\xfeb"},
	} {
		if fact := m.fact(t, wire.FactFinished, keyOf(c.a)); string(fact.LogEnd) != c.want {
			t.Errorf("%s: got %d bytes of a log of %d, want %d", c.what, len(fact.LogEnd), fact.LogBytes, len(c.want))
		}
	}
	text, err := os.ReadFile(cfg.Root + "/" + outboxFile)
	if err != nil || strings.Contains(string(text), "logEnd") {
		t.Errorf("got %v and %d bytes, want no log in the outbox file", err, len(text))
	}
}

func TestTheKeeperSendsTheEndOfALongLogToo(t *testing.T) {
	m := newMaster(t)
	cfg := withKeeper(t, testConfig(t, m))
	worker := spawnWorker(t, cfg)
	a := shell(1, waitForGo+tenKilobytes)
	started(t, m, cfg, a)
	awaitWritten(t, cfg.Root+"/keeper.lock")
	kill9(worker)
	release(t, cfg, 1)
	if fact := m.fact(t, wire.FactFinished, keyOf(a)); len(fact.LogEnd) != 10240 {
		t.Errorf("got %d bytes of a log of %d, want all", len(fact.LogEnd), fact.LogBytes)
	}
}
