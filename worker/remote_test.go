package worker

import (
	"context"
	"fmt"
	"iter"
	"net/url"
	"sync"

	"capricornus/common/datapath"
)

// remote is a file system with servers of its own, as a test wants it: what is
// on it, and whether it answers.
type remote struct {
	mu    sync.Mutex
	away  bool
	bad   error                        // what every look fails with, unless it is away
	there map[string]datapath.Identity // by path, without the scheme and the servers
	looks int
}

var _ datapath.FileSystem = (*remote)(nil)

func newRemote(paths ...string) *remote {
	r := &remote{there: make(map[string]datapath.Identity)}
	for _, path := range paths {
		r.there[path] = datapath.Identity(path + ", first")
	}
	return r
}

func (r *remote) set(change func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	change()
}

func (r *remote) looked() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.looks
}

// Look implements datapath.Source.
func (r *remote) Look(_ context.Context, at *url.URL, _ string) (datapath.Identity, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.looks++
	if r.away {
		return datapath.Absent, fmt.Errorf("hdfs://%s: %w", at.Host, datapath.ErrUnavailable)
	}
	return r.there[at.Path], r.bad
}

// Open implements datapath.Source.
func (r *remote) Open(_ context.Context, at *url.URL) (*datapath.File, error) {
	return nil, fmt.Errorf("nothing can be read on %s", at.Host)
}

// ReadyMany implements datapath.FileSystem.
func (r *remote) ReadyMany(ctx context.Context, questions []datapath.Question) iter.Seq[[]datapath.Answer] {
	return func(yield func([]datapath.Answer) bool) {
		for _, q := range questions {
			found, err := r.Look(ctx, q.At, q.Ready)
			if !yield([]datapath.Answer{{Question: q, Met: found != datapath.Absent, Err: err}}) {
				return
			}
		}
	}
}

// Health implements datapath.FileSystem.
func (r *remote) Health() []datapath.Health { return nil }

// Probe implements datapath.FileSystem.
func (r *remote) Probe(context.Context) {}

// OnChange implements datapath.FileSystem.
func (r *remote) OnChange(func()) {}

// Close implements datapath.FileSystem.
func (r *remote) Close() error { return nil }

// paths are looked at with this file system behind hdfs://.
func (r *remote) paths() *datapath.Checker { return datapath.New(datapath.Options{HDFS: r}) }
