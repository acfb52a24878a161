package master_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"capricornus/common/batch"
	"capricornus/common/wire"
)

// hand is a worker that a test leads by the hand: it claims from the leader and
// reports to the master the test names.
type hand struct {
	*cluster

	name string
}

func (h hand) client(node string) *wire.WorkerClient {
	return &wire.WorkerClient{HTTP: &http.Client{Transport: link{h.net, h.name}}, Token: simWorkerToken, Masters: []string{"http://" + node}}
}

func (h hand) beats(node string) {
	h.t.Helper()
	_, err := h.client(node).Heartbeat(h.t.Context(), wire.Heartbeat{
		Host: h.name, Incarnation: "i1", Group: "default", Version: "sim", Slots: 4, CheckInterval: time.Hour.Milliseconds(), StartedAt: 1,
		Vitals: wire.Vitals{Memory: 64 << 30, FreeMemory: 64 << 30, FreeDisk: 1 << 40},
	})
	h.must(err)
}

// waits makes a claim at a master and returns what it was answered, and when.
func (h hand) waits(node string, wait time.Duration, held ...wire.Held) <-chan claimed {
	answer := make(chan claimed, 1)
	go func() {
		reply, err := h.client(node).Claim(h.t.Context(), wire.Claim{
			Host: h.name, Incarnation: "i1", Free: 4, Holding: held, WaitMillis: wait.Milliseconds(),
		})
		answer <- claimed{reply, err, time.Now()}
	}()
	synctest.Wait()
	return answer
}

type claimed struct {
	wire.ClaimReply

	err error
	at  time.Time
}

// tells reports facts about attempt 1 of a batch to a master.
func (h hand) tells(node, ref string, facts ...wire.Fact) {
	h.t.Helper()
	for i := range facts {
		facts[i].WorkID, facts[i].Attempt, facts[i].Host, facts[i].Incarnation = h.batch(ref).ID, 1, h.name, "i1"
	}
	verdicts, err := h.client(node).Facts(h.t.Context(), facts)
	h.must(err)
	for _, v := range verdicts {
		if v != wire.VerdictOK {
			h.t.Fatalf("got verdicts %v, want ok", verdicts)
		}
	}
}

func success() wire.Fact {
	code := 0
	return wire.Fact{Kind: wire.FactFinished, ExitCode: &code}
}

// parentRuns has m2 lead and the parent of a pair run; m1 follows.
func parentRuns(t *testing.T, c *cluster) hand {
	t.Helper()
	c.startMaster("m2")
	c.elect("m2")
	h := hand{c, "w9"}
	h.beats("m1")
	c.admin.Base = "http://m1"
	c.define("p", "period: hour", "k", "period: hour, parents: [{task: p}]")
	c.at("2026-11-20 06:03:02")
	c.is("assigned", "p/2026112006")
	h.tells("m1", "p/2026112006", wire.Fact{Kind: wire.FactStarted})
	c.at("2026-11-20 06:03:03")
	c.is("running", "p/2026112006")
	c.is("waiting", "k/2026112006")
	return h
}

// TestSimNewsReachTheLeader has all that happens told to a master that does not
// lead: what follows from it happens at once, long before any tick.
func TestSimNewsReachTheLeader(t *testing.T) {
	t.Parallel()
	simulate(t, setup{}, func(t *testing.T, c *cluster) {
		h := parentRuns(t, c)
		claim := h.waits("m2", 20*time.Second)
		h.tells("m1", "p/2026112006", success())
		synctest.Wait()
		got := <-claim
		if took := time.Since(got.at); got.err != nil || len(got.Assignments) != 1 || got.Assignments[0].Task != "k" || took != 0 || got.at.Second() != 3 {
			t.Errorf("got %+v, %v at %s, want the child handed out at once", got.ClaimReply, got.err, got.at)
		}
		h.tells("m1", "k/2026112006", wire.Fact{Kind: wire.FactStarted})
		claim = h.waits("m2", 20*time.Second, wire.Held{WorkID: h.batch("k/2026112006").ID, Attempt: 1})
		ref, err := batch.ParseRef("k/2026112006")
		c.must(err)
		if _, err := c.admin.CommandBatch(t.Context(), "kill", ref, wire.CommandRequest{Reason: "test"}); err != nil {
			t.Fatal(err)
		}
		if got = <-claim; got.err != nil || len(got.Kills) != 1 || got.at.Second() != 3 {
			t.Errorf("got %+v, %v at %s, want the kill ordered at once", got.ClaimReply, got.err, got.at)
		}
		h.tells("m1", "k/2026112006", wire.Fact{Kind: wire.FactFinished, Killed: true, ResultCode: 137})
		claim = h.waits("m2", 20*time.Second)
		if _, err := c.admin.RunTask(t.Context(), "p"); err != nil {
			t.Fatal(err)
		}
		if got = <-claim; got.err != nil || len(got.Assignments) != 1 || got.at.Second() != 3 {
			t.Errorf("got %+v, %v at %s, want the new run handed out at once", got.ClaimReply, got.err, got.at)
		}
	})
}

// TestSimLostNewsCostATick loses every request to the leader.
func TestSimLostNewsCostATick(t *testing.T) {
	t.Parallel()
	for name, fate := range map[string]loss{"Vanished": vanished, "Refused": refused} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			simulate(t, setup{}, func(t *testing.T, c *cluster) {
				h := parentRuns(t, c)
				lost := 0
				c.net.faulty(func(_, path string) loss {
					if path == wire.PathNews {
						lost++
						return fate
					}
					return arrives
				})
				h.tells("m1", "p/2026112006", success())
				c.pass(0)
				c.is("waiting", "k/2026112006")
				c.pass(40 * time.Second)
				c.is("assigned", "k/2026112006")
				if lost == 0 {
					t.Error("got no request lost, want the news")
				}
			})
		})
	}
}

// TestSimNewsFindALeaderThatStartedAgain: its key is another one, its address as well.
func TestSimNewsFindALeaderThatStartedAgain(t *testing.T) {
	t.Parallel()
	simulate(t, setup{}, func(t *testing.T, c *cluster) {
		h := parentRuns(t, c)
		c.stopMaster("m2")
		c.startMaster("m2")
		c.elect("m2")
		claim := h.waits("m2", 20*time.Second)
		h.tells("m1", "p/2026112006", success())
		if got := <-claim; got.err != nil || len(got.Assignments) != 1 || got.at.Second() != 3 {
			t.Errorf("got %+v, %v at %s, want the child handed out at once", got.ClaimReply, got.err, got.at)
		}
	})
}

// TestSimWorkerHeardAgainByAnotherMaster: the leader compares what it has in
// hand at once.
func TestSimWorkerHeardAgainByAnotherMaster(t *testing.T) {
	t.Parallel()
	simulate(t, setup{}, func(t *testing.T, c *cluster) {
		h := parentRuns(t, c)
		id := h.batch("p/2026112006").ID
		claim := h.waits("m2", 25*time.Second, wire.Held{WorkID: id, Attempt: 1})
		c.change("UPDATE capri_schedul_cluster SET lastCheckTime = 1")
		c.change("UPDATE capri_task_work SET attempt = 2 WHERE id = " + c.written("SELECT id FROM capri_task_work WHERE host = ?", h.name))
		h.beats("m1")
		if got := <-claim; got.err != nil || len(got.Kills) != 1 || !got.Kills[0].Over || got.at.Second() != 3 {
			t.Errorf("got %+v, %v at %s, want the end of what is over ordered at once", got.ClaimReply, got.err, got.at)
		}
	})
}
