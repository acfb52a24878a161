package worker

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"capricornus/common/wire"
	"capricornus/worker/workdir"
)

var (
	faultRounds = flag.Int("fault.rounds", 0, "how many rounds TestFaultRounds makes; 0: one for each point and victim")
	faultSeed   = flag.Int("fault.seed", 0, "the seed of TestFaultRounds; 0: by the clock")
)

const (
	faultClusters = 6
	faultBatches  = 3
	// resultsWithin is how long the result of an attempt may take after everything
	// is up again (invariant I6).
	resultsWithin = 60 * time.Second
)

// workerPoints and keeperPoints are all there are, and how often a round with
// three batches comes there at least.
func workerPoints() map[string]int {
	return map[string]int{
		"claimed": 3, "checked": 3, "asking": 3, "granted": 3, "directory": 3, "saved": 3, "prepared": 3, "forked": 3, "noted": 3,
		"settled": 3, "judged": 3, "boxed": 1, "sent": 1, "marked": 3,
	}
}

func keeperPoints() map[string]int {
	return map[string]int{"stood in": 1, "adopted": 3, "settled": 3, "judged": 3, "boxed": 1, "sent": 1, "marked": 3}
}

// deaths makes the plan of all rounds: each point with each victim before any
// comes twice.
func deaths(rounds int, random *rand.Rand) []death {
	var all []death
	add := func(role string, points map[string]int) {
		for point, passes := range points {
			for _, victims := range []string{workerDies, keeperDies, bothDie} {
				all = append(all, death{Role: role, Point: point, Pass: passes, Victims: victims})
			}
		}
	}
	add(workerDies, workerPoints())
	add(keeperDies, keeperPoints())
	slices.SortFunc(all, func(a, b death) int { return strings.Compare(a.String(), b.String()) })
	plan := make([]death, 0, max(rounds, len(all)))
	for len(plan) < max(rounds, len(all)) {
		random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		plan = append(plan, all...)
	}
	if rounds > 0 {
		plan = plan[:max(rounds, len(all))]
	}
	for i := range plan {
		plan[i].Pass = 1 + random.IntN(plan[i].Pass)
	}
	return plan
}

// TestFaultRounds kills workers, keepers and both at every step between taking
// an assignment and forgetting its result. The judge is the journal that the
// scripts write.
func TestFaultRounds(t *testing.T) {
	t.Parallel()
	seed := uint64(*faultSeed)
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	plan := deaths(*faultRounds, rand.New(rand.NewPCG(seed, 0)))
	t.Logf("%d rounds, -fault.seed=%d", len(plan), seed)
	hits := &tally{counts: map[string]int{}}
	var clusters sync.WaitGroup
	for i := range faultClusters { // they wait more than they work, so all go at once
		clusters.Go(func() {
			t.Run(strconv.Itoa(i), func(t *testing.T) {
				c := newFaultCluster(t, rand.New(rand.NewPCG(seed, uint64(i)+1)))
				for round := i; round < len(plan); round += faultClusters {
					c.round(plan[round])
					if t.Failed() {
						t.Fatalf("in round %d (%s) of -fault.seed=%d", round, plan[round], seed)
					}
					hits.add(plan[round])
				}
				c.close()
			})
		})
	}
	clusters.Wait()
	if !t.Failed() {
		hits.complete(t)
	}
}

// tally counts which deaths have happened.
type tally struct {
	mu     sync.Mutex
	counts map[string]int
}

func (h *tally) add(d death) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.counts[d.Role+" "+d.Point]++
}

func (h *tally) complete(t *testing.T) {
	t.Helper()
	var lines []string
	for role, points := range map[string]map[string]int{workerDies: workerPoints(), keeperDies: keeperPoints()} {
		for point := range points {
			name := role + " " + point
			lines = append(lines, fmt.Sprintf("%s: %d", name, h.counts[name]))
			if h.counts[name] == 0 {
				t.Errorf("no death at %s, want each point hit", name)
			}
		}
	}
	slices.Sort(lines)
	t.Logf("deaths:\n%s", strings.Join(lines, "\n"))
}

// faultCluster is a root with a scheduler, over many workers and keepers.
type faultCluster struct {
	*testing.T
	random  *rand.Rand
	s       *scheduler
	cfg     Config
	dir     string
	journal string
	next    int64 // batch
	long    bool  // scripts of this round
	rounds  int
	worker  *exec.Cmd
}

func newFaultCluster(t *testing.T, random *rand.Rand) *faultCluster {
	t.Helper()
	c := &faultCluster{T: t, random: random, dir: t.TempDir()}
	c.journal = filepath.Join(c.dir, "journal")
	c.s = newScheduler(t, c.assignment)
	cfg := testConfig(t, c.s.master)
	cfg.Root = filepath.Join(c.dir, "root")
	cfg.ListenLogs = ""
	cfg.LongPoll = 500 * time.Millisecond
	if err := os.Mkdir(cfg.Root, 0o700); err != nil {
		t.Fatal(err)
	}
	c.cfg = withKeeper(t, cfg)
	return c
}

// assignment is a script that notes its start and its end. What it returns is
// known from its batch.
func (c *faultCluster) assignment(key wire.Held) wire.Assignment {
	length := []string{"0", "0.2", "0.6"}[key.WorkID%3]
	if c.long {
		length = []string{"1.2", "1.5", "1.8"}[key.WorkID%3]
	}
	a := shell(key.WorkID, fmt.Sprintf(`note() { printf '%%s %d %d\n' "$1" >>'%s'; }; note start; sleep %s; note end; exit %d`,
		key.WorkID, key.Attempt, c.journal, length, codeOf(key.WorkID)))
	a.Attempt = key.Attempt
	return a
}

func codeOf(workID int64) int { return int(workID % 7) }

func (c *faultCluster) spawn(d death) {
	c.Helper()
	c.worker = spawnWorker(c.T, c.cfg, d.variable(c.T))
}

// await waits as long as a result may take.
func (c *faultCluster) await(what string, holds func() bool) {
	c.Helper()
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	timeout := time.After(resultsWithin)
	for !holds() {
		select {
		case <-ticker.C:
		case <-timeout:
			text, _ := os.ReadFile(c.journal)
			passed, _ := os.ReadFile(filepath.Join(c.dir, fmt.Sprintf("passed.%d", c.rounds)))
			c.Fatalf("waited %s for %s; left: %v; journal:\n%s\npoints:\n%s", resultsWithin, what, c.s.left(), text, passed)
		}
	}
}

// round lets three batches run through one death and holds that all is well
// afterwards.
func (c *faultCluster) round(d death) {
	c.Helper()
	c.rounds++
	d.Root, d.Passed = c.cfg.Root, filepath.Join(c.dir, fmt.Sprintf("passed.%d", c.rounds))
	c.s.update(func() { c.long = d.Role == keeperDies })
	c.spawn(d)
	hit := func() bool { return reached(d.Passed, d.Role+" "+d.Point+" hit") > 0 }
	c.await("the keeper", func() bool { return c.keeperOf(d) || hit() }) // hit: by a result that was not forgotten yet
	ids := []int64{c.next + 1, c.next + 2, c.next + 3}
	c.next += faultBatches
	c.s.add(ids...)
	if d.Role == workerDies {
		c.await(d.String(), hit)
		if d.Victims != keeperDies {
			kill9(c.worker) // it is dead already; this waits for it
			c.afterTheWorker(d)
			c.spawn(death{Root: d.Root, Passed: d.Passed})
		}
	} else {
		c.await("the starts", func() bool { return c.started(ids) })
		kill9(c.worker)
		c.await(d.String(), hit)
		c.afterTheKeeper(d)
	}
	c.await("the results", func() bool { return len(c.s.left()) == 0 })
	c.judge()
	c.endWorker()
}

// afterTheWorker waits for the keeper to stand in, or does not.
func (c *faultCluster) afterTheWorker(d death) {
	if d.Victims == workerDies && c.random.IntN(2) == 0 {
		c.await("the keeper standing in", func() bool { return reached(d.Passed, "keeper stood in") > 0 || !c.keeperAlive() })
	}
}

// afterTheKeeper brings the next worker; when both were to die, that one dies as
// well, where workers come that take up what they find.
func (c *faultCluster) afterTheKeeper(d death) {
	next := death{Root: d.Root, Passed: d.Passed}
	if d.Victims == bothDie {
		next.Role, next.Victims, next.Pass = workerDies, workerDies, 1
		next.Point = []string{"settled", "judged", "boxed", "sent", "marked"}[c.random.IntN(5)]
		c.spawn(next)
		hit := func() bool { return reached(d.Passed, "worker "+next.Point+" hit") > 0 }
		c.await("the end of the next worker as well", func() bool { return hit() || len(c.s.left()) == 0 })
		kill9(c.worker)
		next = death{Root: d.Root, Passed: d.Passed}
	}
	c.spawn(next)
}

// keeperOf tells whether there is a keeper that knows of its death. One that an
// earlier worker started does not, and makes room for the next.
func (c *faultCluster) keeperOf(d death) bool {
	if !c.keeperAlive() {
		return false
	}
	text, _ := os.ReadFile(c.cfg.Root + "/keeper.lock")
	environ, err := os.ReadFile("/proc/" + strings.TrimSpace(string(text)) + "/environ")
	if d.Role == workerDies || err == nil && strings.Contains(string(environ), d.Passed+`"`) {
		return true
	}
	kill9Of(c.cfg.Root, keeperDies)
	return false
}

func (c *faultCluster) keeperAlive() bool {
	root, err := workdir.Open(c.cfg.Root)
	if err != nil {
		c.Fatal(err)
	}
	defer root.Close()
	held, err := root.KeeperAlive()
	return err == nil && held
}

// endWorker ends a worker at the end of a round, in order or not.
func (c *faultCluster) endWorker() {
	if c.random.IntN(2) == 0 {
		kill9(c.worker)
		return
	}
	_ = c.worker.Process.Signal(syscall.SIGTERM)
	_ = c.worker.Wait()
}

// close holds that the keeper ends when nothing is left, and that nothing is.
func (c *faultCluster) close() {
	c.await("the end of all processes", func() bool { return len(processesIn(c.dir)) == 0 })
}

// processesIn lists what has a directory in its command line or works in it.
func processesIn(dir string) []string {
	var found []string
	names, _ := filepath.Glob("/proc/[0-9]*")
	for _, name := range names {
		call, _ := os.ReadFile(filepath.Join(name, "cmdline"))
		cwd, _ := os.Readlink(filepath.Join(name, "cwd"))
		if strings.Contains(string(call), dir+"/") || strings.HasPrefix(cwd, dir+"/") {
			found = append(found, filepath.Base(name)+": "+strings.ReplaceAll(string(call), "\x00", " "))
		}
	}
	return found
}

// mark is one line of the journal.
type mark struct {
	kind    string
	batch   int64
	attempt int
}

func (c *faultCluster) marks() []mark {
	c.Helper()
	text, err := os.ReadFile(c.journal)
	if err != nil && !os.IsNotExist(err) {
		c.Fatal(err)
	}
	var marks []mark
	for line := range strings.Lines(string(text)) {
		var m mark
		if _, err := fmt.Sscan(line, &m.kind, &m.batch, &m.attempt); err != nil {
			c.Fatalf("journal: %q: %v", line, err)
		}
		marks = append(marks, m)
	}
	return marks
}

// started tells whether all these batches have.
func (c *faultCluster) started(ids []int64) bool {
	marks := c.marks()
	return !slices.ContainsFunc(ids, func(id int64) bool {
		return !slices.ContainsFunc(marks, func(m mark) bool { return m.batch == id })
	})
}

// judge holds what is promised about starts and ends.
func (c *faultCluster) judge() {
	c.Helper()
	counts, last := map[mark]int{}, map[int64]int{}
	for _, m := range c.marks() {
		counts[m]++
		if counts[m] > 1 {
			c.Errorf("got a second %s of attempt %d-%d, want each once", m.kind, m.batch, m.attempt)
		}
		if m.attempt < last[m.batch] {
			c.Errorf("got the %s of attempt %d-%d after the start of attempt %d, want no overlap", m.kind, m.batch, m.attempt, last[m.batch])
		}
		last[m.batch] = max(last[m.batch], m.attempt)
	}
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	for _, wrong := range c.s.wrong {
		c.Error(wrong)
	}
	for id, j := range c.s.jobs {
		if j.end.ExitCode == nil || *j.end.ExitCode != codeOf(id) || counts[mark{"end", id, j.attempt}] != 1 {
			c.Errorf("got %+v of %d-%d and %d ends in the journal, want exit code %d and one", j.end, id, j.attempt, counts[mark{"end", id, j.attempt}], codeOf(id))
		}
	}
}
