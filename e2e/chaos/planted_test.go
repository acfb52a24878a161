package chaos_test

import (
	"fmt"
	"maps"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"capricornus/e2e/labtest"
)

// plant is a bug, and what shows it.
type plant struct {
	name   string
	edits  []labtest.Edit
	happen func(c *labtest.Cluster)
	shows  string // is among what the judge says; empty: it says nothing
}

// slowToNotice makes a leader that lost its leadership go on for seconds: what
// a leader that was paused in the wrong moment does. The fence alone stops it.
func slowToNotice() labtest.Edit {
	return labtest.Edit{
		File: "master/election/election.go",
		Old:  "\t\t\tend(e.lossCause())\n",
		New:  "\t\t\tlater := end\n\t\t\ttime.AfterFunc(12*time.Second, func() { later(ErrLost) })\n",
	}
}

// fenceThatDoesNotCompare: every leader may write, for as long as it believes
// that it leads.
func fenceThatDoesNotCompare() labtest.Edit {
	return labtest.Edit{
		File: "common/store/lead.go",
		Old:  "\t\tif epoch != l.epoch {\n",
		New:  "\t\tif epoch < 0 {\n",
	}
}

// answerBeforeCommit: a master says that it has taken results, and writes them a
// moment later.
func answerBeforeCommit() labtest.Edit {
	return labtest.Edit{
		File: "master/intake/intake.go",
		Old:  "\tverdicts, err := in.facts.do(ctx, req.Facts)\n",
		New: `	early := make([]wire.FactVerdict, 0, len(req.Facts))
	for _, f := range req.Facts {
		if f.Kind == wire.FactFinished {
			early = append(early, wire.VerdictOK)
		}
	}
	if len(early) == len(req.Facts) {
		time.AfterFunc(300*time.Millisecond, func() { _, _ = in.facts.do(context.WithoutCancel(ctx), req.Facts) })
		return wire.FactsReply{Verdicts: early}, nil
	}
	verdicts, err := in.facts.do(ctx, req.Facts)
`,
	}
}

// sentOnce: a worker takes every result that it has sent for one that arrived.
func sentOnce() labtest.Edit {
	return labtest.Edit{
		File: "common/wire/workerclient.go",
		Old:  "body: body, reply: &reply}); err != nil {\n\t\treturn nil, err\n",
		New: `body: body, reply: &reply}); err != nil {
		var early []FactVerdict
		for _, f := range facts {
			if f.Kind == FactFinished {
				early = append(early, VerdictOK)
			}
		}
		if len(early) == len(facts) {
			return early, nil
		}
		return nil, err
`,
	}
}

// neverBegan: a worker that starts again adopts nothing, and gives back what it
// is asked for as if it had never begun.
func neverBegan() []labtest.Edit {
	const file = "worker/take.go"
	return []labtest.Edit{
		{File: file, Old: "if err != nil || exists || w.intact() != nil {", New: "if exists = false; err != nil || exists {"},
		{File: file, Old: "\t\tif reported || w.box.Holds(key) {\n", New: "\t\tif reported = true; reported {\n"},
	}
}

func plants() []plant {
	const lost = "end of everything that was made"
	return []plant{
		{"a fence that does not compare", []labtest.Edit{slowToNotice(), fenceThatDoesNotCompare()}, pauseLeader, "I7"},
		{"no bug: the fence alone stops a leader that does not notice", []labtest.Edit{slowToNotice()}, pauseLeader, ""},
		{"an answer before the commit", []labtest.Edit{answerBeforeCommit()}, killLeaders, lost},
		{"a result that is sent once", []labtest.Edit{sentOnce()}, withoutMasters, lost},
		{"a running attempt taken for one that never began", neverBegan(), killWorkers, "while a process of an attempt before it"},
	}
}

// TestPlantedBugsAreCaught builds the binary with a bug and wants the judge to
// find it, in the same way as it finds nothing without. In its short form it
// takes the first one only.
func TestPlantedBugsAreCaught(t *testing.T) {
	all := plants()
	if !*chaosLong {
		all = all[:1]
	}
	for _, p := range all {
		t.Run(p.name, func(t *testing.T) {
			said := strings.Join(testify(t, buildWith(t, p.edits), p.happen), "\n")
			if !strings.Contains(said, p.shows) || p.shows == "" && said != "" {
				t.Errorf("got %q from the judge, want %q in it", said, p.shows)
			}
			t.Logf("caught: %s", firstLine(said, p.shows))
		})
	}
}

func firstLine(text, with string) string {
	for line := range strings.Lines(text) {
		if strings.Contains(line, with) {
			return strings.TrimSpace(line)
		}
	}
	return ""
}

// buildWith builds the binary of a tree in which some files are others.
func buildWith(t *testing.T, edits []labtest.Edit) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o755); err != nil { // workers execute it as their accounts
		t.Fatal(err)
	}
	binary, err := labtest.BuildEdited(t.Context(), dir, edits...)
	if err != nil {
		t.Fatal(err)
	}
	return binary
}

// witness stands in for the test of a cluster that is meant to fail: it keeps
// what would have failed it.
type witness struct {
	*testing.T

	mu    sync.Mutex
	said  []string
	undos []func()
}

func (w *witness) Errorf(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.said = append(w.said, fmt.Sprintf(format, args...))
}

func (w *witness) Fatalf(format string, args ...any) {
	w.Errorf(format, args...)
	runtime.Goexit()
}

func (w *witness) Failed() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.said) > 0
}

func (w *witness) Cleanup(undo func()) { w.undos = append(w.undos, undo) }

// testify runs a cluster of a binary, lets something happen to it, and returns
// what the judge says.
func testify(t *testing.T, binary string, happen func(c *labtest.Cluster)) []string {
	t.Helper()
	t.Setenv("CAPRI_LAB_DUMP", t.TempDir())
	w := &witness{T: t}
	stage := func(do func()) {
		done := make(chan struct{})
		go func() {
			defer close(done)
			do()
		}()
		<-done
	}
	stage(func() {
		c := labtest.New(w, labtest.Options{Binary: binary, Patience: 40 * time.Second})
		c.Start()
		c.Define(labtest.ManualTasks()...)
		load := c.StartLoad(20, "quick", "quick", "long")
		awaitStarts(c, 5)
		happen(c)
		awaitStarts(c, 20)
		load.Stop()
		c.Quiet()
		c.Judge(load)
	})
	said := w.said
	for len(w.undos) > 0 {
		last := w.undos[len(w.undos)-1]
		w.undos = w.undos[:len(w.undos)-1]
		stage(last)
	}
	return said
}

// pauseLeader freezes the leader until another leads, and lets it go on.
func pauseLeader(c *labtest.Cluster) {
	term := c.AwaitLeader()
	term.Leader.Pause()
	c.AwaitTermAfter(term.Epoch)
	term.Leader.Resume() // soon: one that was away for long ends its term by itself
	awaitStarts(c, 160)  // longer than the stamps of masters may be apart
}

func killLeaders(c *labtest.Cluster) {
	for range 4 {
		awaitStarts(c, 5)
		killLeader(c)
	}
}

// withoutMasters kills all masters while scripts run and end.
func withoutMasters(c *labtest.Cluster) {
	for _, m := range c.Masters {
		m.Kill()
	}
	running := unended(c)
	c.Await("the end of the scripts that ran", func() bool {
		left := unended(c)
		return !slices.ContainsFunc(running, func(batch string) bool { return slices.Contains(left, batch) })
	})
	for _, m := range c.Masters {
		m.Start()
	}
	c.AwaitLeader()
}

// unended are the batches whose last script has begun and not ended.
func unended(c *labtest.Cluster) []string {
	began := map[string]bool{}
	for _, l := range c.Journal() {
		began[l.Batch] = l.Kind == labtest.Began
	}
	return slices.DeleteFunc(slices.Sorted(maps.Keys(began)), func(batch string) bool { return !began[batch] })
}

func killWorkers(c *labtest.Cluster) {
	for _, worker := range c.Workers {
		awaitStarts(c, 20)
		worker.Kill()
		worker.Start()
	}
	c.AwaitWorkers()
}
