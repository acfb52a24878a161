package chaos_test

import (
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"capricornus/e2e/labtest"
)

var (
	chaosSeed     = flag.Int("chaos.seed", 0, "the seed of TestChaosRounds; 0: by the clock")
	chaosRounds   = flag.Int("chaos.rounds", 8, "how many rounds TestChaosRounds makes")
	chaosMasters  = flag.Int("chaos.masters", 3, "how many masters each of its clusters has")
	chaosParallel = flag.Int("chaos.parallel", 2, "how many clusters it breaks side by side")
	chaosSlow     = flag.Duration("chaos.slow", 0, "keep the traces of rounds that take longer, which is not wrong; 0: of none")
	chaosRate     = flag.Int("chaos.rate", 8, "how many tasks a second it starts by hand in each cluster")
)

// lifetime is how many rounds a cluster lives; then a new one takes its place,
// as the judge reads the whole database after each.
const lifetime = 20

// TestChaosRounds breaks clusters under load, one or two things at a time, mends
// them, waits until all is quiet, and holds that nothing is lost or doubled.
// Faults are drawn by seed; each kind comes before any comes twice.
func TestChaosRounds(t *testing.T) {
	t.Parallel()
	seed := uint64(*chaosSeed)
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	plans := planRounds(*chaosRounds, rand.New(rand.NewPCG(seed, 0)))
	t.Logf("%d rounds, -chaos.seed=%d -chaos.rounds=%d -chaos.masters=%d -chaos.parallel=%d", len(plans), seed, *chaosRounds, *chaosMasters, *chaosParallel)
	sum := &summary{counts: map[string]int{}}
	t.Cleanup(func() { sum.print(t, seed) })
	var clusters sync.WaitGroup
	for i := range *chaosParallel {
		clusters.Go(func() {
			for from := i; from < len(plans); from += lifetime * *chaosParallel {
				t.Run(fmt.Sprintf("rounds_from_%d", from), func(t *testing.T) {
					breakCluster(t, plans, from, seed, sum)
				})
			}
		})
	}
	clusters.Wait()
}

// breakCluster makes one cluster and takes it through its rounds.
func breakCluster(t *testing.T, plans []plan, from int, seed uint64, sum *summary) {
	t.Helper()
	c := labtest.New(t, labtest.Options{Masters: *chaosMasters, Network: labtest.NewNetwork(t), Restart: true})
	c.Start()
	t.Cleanup(func() { sum.exited(len(c.Exits())) })
	c.Define(append(labtest.ManualTasks(), labtest.TimedTasks()...)...)
	var loads []*labtest.Load
	for n := range lifetime {
		number := from + n**chaosParallel
		if number >= len(plans) {
			break
		}
		c.Event("== round %d of -chaos.seed=%d: %s", number, seed, plans[number])
		began := time.Now()
		r := &round{c: c, random: rand.New(rand.NewPCG(seed, uint64(number)+1)), taken: map[string]bool{}, sum: sum}
		loads = append(loads, r.run(plans[number]))
		evidence := c.Judge(loads...)
		if t.Failed() {
			t.Fatalf("in round %d (%s) of -chaos.seed=%d; see %s", number, plans[number], seed, c.Dump())
		}
		if took := time.Since(began); *chaosSlow > 0 && took > *chaosSlow {
			t.Logf("round %d (%s) took %s; see %s", number, plans[number], took, c.Late(evidence, *chaosSlow))
		}
		sum.judged(time.Since(began), loads[len(loads)-1])
	}
}

// plan is what happens in one round.
type plan struct {
	faults []fault
	pause  time.Duration // between the first fault and the second
	lasts  time.Duration // from the last fault on
}

func (p plan) String() string {
	var names []string
	for _, f := range p.faults {
		names = append(names, f.name)
	}
	return fmt.Sprintf("%s for %s", strings.Join(names, " + "), p.lasts)
}

// planRounds draws the faults of all rounds like cards of a pack: one in two
// rounds, two in every third.
func planRounds(rounds int, random *rand.Rand) []plan {
	var pack []fault
	draw := func() fault {
		if len(pack) == 0 {
			pack = faults()
			random.Shuffle(len(pack), func(i, j int) { pack[i], pack[j] = pack[j], pack[i] })
		}
		f := pack[0]
		pack = pack[1:]
		return f
	}
	plans := make([]plan, rounds)
	for i := range plans {
		plans[i].faults = []fault{draw()}
		if i%3 == 2 {
			plans[i].faults = append(plans[i].faults, draw())
		}
		plans[i].pause = time.Duration(random.IntN(800)) * time.Millisecond
		plans[i].lasts = time.Second + time.Duration(random.IntN(2000))*time.Millisecond
	}
	return plans
}

// round is one round of one cluster.
type round struct {
	c      *labtest.Cluster
	random *rand.Rand
	taken  map[string]bool // hosts that are broken
	sum    *summary
}

// run makes load, breaks, mends, and waits until all is quiet.
func (r *round) run(p plan) *labtest.Load {
	c := r.c
	before := c.AwaitLeader()
	load := c.StartLoad(float64(*chaosRate))
	hold(c, 300*time.Millisecond)
	var heals []func()
	broken := time.Now()
	alone := len(p.faults) == 1
	for i, f := range p.faults {
		if i > 0 {
			hold(c, p.pause)
		}
		c.Event("fault: %s", f.name)
		heal := f.inject(r)
		if heal == nil {
			c.Event("not possible beside the other")
			continue
		}
		r.sum.count(f.name)
		heals = append(heals, heal)
	}
	hold(c, p.lasts)
	for _, heal := range slices.Backward(heals) {
		heal()
	}
	healed := time.Now()
	c.Event("healed")
	c.AwaitLeader()
	r.sum.led(time.Since(healed))
	if alone && p.faults[0].deposes {
		r.sum.deposed(c.Terms(), before.Epoch, broken)
	}
	load.Stop()
	c.Quiet()
	return load
}

// take marks hosts as broken, all or none.
func (r *round) take(hosts ...string) bool {
	if slices.ContainsFunc(hosts, func(h string) bool { return r.taken[h] }) {
		return false
	}
	for _, h := range hosts {
		r.taken[h] = true
	}
	return true
}

// leader is the master that leads; when nobody does, the first.
func (r *round) leader() *labtest.Process {
	if leader := r.c.Term().Leader; leader != nil {
		return leader
	}
	return r.c.Masters[0]
}

// follower is a master that does not lead.
func (r *round) follower() *labtest.Process {
	others := r.c.Others(r.leader())
	return others[r.random.IntN(len(others))]
}

func (r *round) worker() *labtest.Process { return r.c.Workers[r.random.IntN(len(r.c.Workers))] }

func (r *round) others() []string { return labtest.Names(r.c.Others(r.leader())...) }

// hostsBut are all hosts but one.
func (r *round) hostsBut(p *labtest.Process) []string {
	all := append(labtest.Names(append(slices.Clone(r.c.Masters), r.c.Workers...)...), "db")
	return slices.DeleteFunc(all, func(name string) bool { return name == p.Name })
}

// hold lets a while go by: what is tested is that something lasts.
func hold(c *labtest.Cluster, length time.Duration) {
	c.Helper()
	select {
	case <-time.After(length):
	case <-c.Context().Done():
		c.Fatalf("the test was ended")
	}
}

// summary is what all rounds have seen. It is safe for concurrent use.
type summary struct {
	mu       sync.Mutex
	rounds   int
	promised int
	exits    int             // processes that ended by themselves
	took     []time.Duration // whole rounds
	next     []time.Duration // from a fault that deposes a leader to the next leader
	healed   []time.Duration // from the last mend to a leader
	counts   map[string]int
}

func (s *summary) count(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts[name]++
}

func (s *summary) exited(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.exits += n
}

func (s *summary) led(took time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.healed = append(s.healed, took)
}

func (s *summary) deposed(terms []labtest.Term, before int64, broken time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range terms {
		if t.Epoch > before {
			s.next = append(s.next, t.At.Sub(broken))
			return
		}
	}
}

func (s *summary) judged(took time.Duration, load *labtest.Load) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rounds++
	s.promised += len(load.Promised())
	s.took = append(s.took, took)
}

// print says what came out. A round that found a violation is not counted: it
// has failed the test.
func (s *summary) print(t *testing.T, seed uint64) {
	t.Helper()
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(s.counts)) {
		lines = append(lines, fmt.Sprintf("  %4d %s", s.counts[name], name))
	}
	verdict := "nothing lost, nothing doubled, no invariant broken"
	if t.Failed() {
		verdict = "FAILED: see above"
	}
	t.Logf("seed %d: %d rounds, %d masters, %d starts promised: %s\nfaults:\n%s\nleader gone → next leader:  %s\nlast mend → a leader:      %s\na round:                   %s\nended by themselves:       %d processes, started again",
		seed, s.rounds, *chaosMasters, s.promised, verdict, strings.Join(lines, "\n"), spread(s.next), spread(s.healed), spread(s.took), s.exits)
}

// spread is p50, p99 and the largest of some durations.
func spread(all []time.Duration) string {
	if len(all) == 0 {
		return "never"
	}
	slices.Sort(all)
	at := func(percent int) string {
		return all[min(len(all)-1, len(all)*percent/100)].Round(10 * time.Millisecond).String()
	}
	return "p50 " + at(50) + ", p99 " + at(99) + ", max " + at(100) + " of " + strconv.Itoa(len(all))
}
