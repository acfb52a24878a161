package election_test

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"capricornus/master/election"
	"capricornus/master/election/electiontest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long a test waits for something that must happen; a test
// that passes never uses it up.
const patience = time.Minute

var errRefused = errors.New("claim refused")

// database is the Claimer of tests: one epoch that rises with newer indexes.
type database struct {
	mu      sync.Mutex
	epoch   int64
	index   uint64
	cluster string
	refuse  map[string]bool
	tries   map[string]int
	tried   []string         // who claimed, in order
	claims  []election.Claim // granted
}

func newDatabase() *database {
	return &database{refuse: map[string]bool{}, tries: map[string]int{}}
}

func (d *database) Claim(_ context.Context, c election.Claim) (int64, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.tries[c.Holder]++
	d.tried = append(d.tried, c.Holder)
	if d.cluster != "" && d.cluster != c.ClusterID && c.Adopt {
		d.cluster, d.index = c.ClusterID, 0
	}
	if d.refuse[c.Holder] || c.RaftIndex <= d.index || (d.cluster != "" && d.cluster != c.ClusterID) {
		return 0, errRefused
	}
	d.epoch++
	d.index, d.cluster = c.RaftIndex, c.ClusterID
	d.claims = append(d.claims, c)
	return d.epoch, nil
}

func (d *database) setRefuse(node string, refuse bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.refuse[node] = refuse
}

func (d *database) granted() []election.Claim {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]election.Claim(nil), d.claims...)
}

func (d *database) triesOf(node string) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.tries[node]
}

// master runs one Election and hands out its terms.
type master struct {
	*election.Election
	terms chan *election.Term
	stop  context.CancelFunc
	done  chan error
	dir   string
	work  atomic.Pointer[func(context.Context)] // what each term does; nil: waits for its end
}

func startMaster(t *testing.T, cfg election.Config, db election.Claimer) *master {
	t.Helper()
	return startMasterTelling(t, cfg, db, slog.New(slog.DiscardHandler))
}

func startMasterTelling(t *testing.T, cfg election.Config, db election.Claimer, logger *slog.Logger) *master {
	t.Helper()
	if cfg.Dir == "" {
		cfg.Dir = filepath.Join(t.TempDir(), cfg.Node)
	}
	cfg.Advertise = "http://" + cfg.Node + ":8080"
	e, err := election.New(cfg, db, logger)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	m := &master{Election: e, terms: make(chan *election.Term, 100), stop: stop, done: make(chan error, 1), dir: cfg.Dir}
	go func() {
		m.done <- e.Run(ctx, func(ctx context.Context, term *election.Term) error {
			m.terms <- term
			if work := m.work.Load(); work != nil {
				(*work)(ctx)
			}
			<-ctx.Done()
			return nil
		})
	}()
	t.Cleanup(stop)
	return m
}

func (m *master) shutdown(t *testing.T) {
	t.Helper()
	m.stop()
	if err := receive(t, m.done, "the election to stop"); err != nil {
		t.Fatalf("Run: got %v, want no error", err)
	}
}

func startCluster(t *testing.T, db election.Claimer) (map[string]*master, *electiontest.Network) {
	t.Helper()
	return startClusterOf(t, db, 0)
}

func startClusterOf(t *testing.T, db election.Claimer, heartbeat time.Duration) (map[string]*master, *electiontest.Network) {
	t.Helper()
	network := electiontest.NewNetwork()
	transports := map[string]election.Transport{}
	for _, name := range []string{"m1", "m2", "m3"} {
		transports[name] = network.Join(name)
	}
	masters := map[string]*master{}
	for name, transport := range transports {
		masters[name] = startMaster(t, election.Config{
			Node: name, Peers: network.Peers("m1", "m2", "m3"), Transport: transport, Heartbeat: heartbeat,
		}, db)
	}
	return masters, network
}

func newTransport(node string) election.Transport { return electiontest.NewNetwork().Join(node) }

// anyTerm waits for the next term of any of the masters.
func anyTerm(t *testing.T, masters map[string]*master) *election.Term {
	t.Helper()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	terms := func(name string) chan *election.Term {
		if m, ok := masters[name]; ok {
			return m.terms
		}
		return nil
	}
	select {
	case term := <-terms("m1"):
		return term
	case term := <-terms("m2"):
		return term
	case term := <-terms("m3"):
		return term
	case <-timer.C:
		t.Fatal("got no term, want one")
		return nil
	}
}

// await waits in real time until something is so.
func await(t *testing.T, what string, done func() bool) {
	t.Helper()
	ticker, patient := time.NewTicker(5*time.Millisecond), time.NewTimer(patience)
	defer ticker.Stop()
	defer patient.Stop()
	for !done() {
		select {
		case <-ticker.C:
		case <-patient.C:
			t.Fatalf("waited %v for %s", patience, what)
		}
	}
}

// elapse lets virtual time go by.
func elapse(d time.Duration) { <-time.After(d) }

func receive[T any](t *testing.T, from <-chan T, what string) T {
	t.Helper()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case got := <-from:
		return got
	case <-timer.C:
		t.Fatalf("waited %v for %s", patience, what)
		panic("unreachable")
	}
}
