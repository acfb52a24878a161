package hdfs

import (
	"context"
	"iter"
	"net/url"
	"sync"

	"capricornus/common/datapath"
)

// files are the file systems of a configuration.
type files struct {
	access   *access
	clusters []*cluster
	names    names

	lock sync.Mutex
	told func()
}

func newFiles(access *access) *files {
	f := &files{access: access}
	f.names, f.clusters = nameAll(access, f.changed)
	return f
}

// Look implements datapath.Source.
func (f *files) Look(ctx context.Context, at *url.URL, ready string) (datapath.Identity, error) {
	c, err := f.names.find(at)
	if err != nil {
		return datapath.Absent, err
	}
	return c.look(ctx, at.Path, ready)
}

// Open implements datapath.Source. The file has a client of its own, beyond the
// number of those that look.
func (f *files) Open(ctx context.Context, at *url.URL) (*datapath.File, error) {
	c, err := f.names.find(at)
	if err != nil {
		return nil, err
	}
	return c.open(ctx, at.Path)
}

// ReadyMany implements datapath.FileSystem.
func (f *files) ReadyMany(ctx context.Context, questions []datapath.Question) iter.Seq[[]datapath.Answer] {
	return func(yield func([]datapath.Answer) bool) {
		asked := map[*cluster][]datapath.Question{}
		var unknown []datapath.Answer
		for _, q := range questions {
			c, err := f.names.find(q.At)
			if err != nil {
				unknown = append(unknown, datapath.Answer{Question: q, Err: err})
				continue
			}
			asked[c] = append(asked[c], q)
		}
		if len(unknown) > 0 && !yield(unknown) {
			return
		}
		answerAll(ctx, asked, yield)
	}
}

// Health implements datapath.FileSystem.
func (f *files) Health() []datapath.Health {
	all := make([]datapath.Health, 0, len(f.clusters))
	for _, c := range f.clusters {
		all = append(all, c.state.health(c.name))
	}
	return all
}

// Probe implements datapath.FileSystem.
func (f *files) Probe(ctx context.Context) {
	var asking sync.WaitGroup
	for _, c := range f.clusters {
		if c.state.quiet() {
			// What it says is kept in the state.
			asking.Go(func() { _ = c.call(ctx, (*line).alive) })
		}
	}
	asking.Wait()
}

// OnChange implements datapath.FileSystem.
func (f *files) OnChange(told func()) {
	f.lock.Lock()
	defer f.lock.Unlock()
	f.told = told
}

func (f *files) changed() {
	f.lock.Lock()
	told := f.told
	f.lock.Unlock()
	if told != nil {
		told()
	}
}

// Calls is how many questions namenodes were asked so far, without the renewals
// that clients send by themselves.
func (f *files) Calls() int64 {
	var n int64
	for _, c := range f.clusters {
		n += c.calls.Load()
	}
	return n
}

// Close ends all connections, those of calls and open files too.
func (f *files) Close() error {
	for _, c := range f.clusters {
		c.close()
	}
	f.access.login.forget()
	return nil
}

var _ datapath.FileSystem = (*files)(nil)
