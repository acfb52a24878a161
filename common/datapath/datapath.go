// Package datapath answers one question about a path: is it ready? The answer
// has three values: ready, not ready, and an error, which means unknown and is
// never taken for either. Paths are URLs: file:///abs/path on this host's file
// system, hdfs://… on a cluster.
//
// Every look has a deadline. A file system that hangs (a dead NFS server, a
// stuck namenode) costs the looks at it their deadline and nothing else: other
// paths are looked at meanwhile, and past a number of hung looks new ones fail
// at once instead of piling up. A Checker is safe for concurrent use.
package datapath

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path"
	"strings"
	"time"
)

// The rules by which a path is ready.
const (
	ReadySuccess  = "_SUCCESS"  // the directory holds a file _SUCCESS; the default
	ReadyExists   = "exists"    // there is something at the path
	ReadyNonEmpty = "non-empty" // a file with content, or a directory with a visible entry
)

// ErrTimeout is the cause when a look did not come back within its deadline.
var ErrTimeout = errors.New("no answer within the deadline")

// Check is a path and what makes it ready; an empty Ready means ReadySuccess.
type Check struct {
	Path  string `json:"path"`
	Ready string `json:"ready"`
}

// Result is what became of one Check. With Err set nothing is known and Ready
// means nothing.
type Result struct {
	Check
	Ready    bool
	Identity Identity // of what makes it ready; Absent when it is not
	Err      error
}

// Identity tells one state of a path from another by what makes it ready:
// inode, modification time and size. Absent (empty) means not ready. Two equal
// identities mean that nothing was written in between.
type Identity string

// Absent is the identity of a path that is not ready.
const Absent Identity = ""

// Source looks at paths of one scheme. Look returns Absent for what is not
// ready and an error when it cannot say; it obeys ctx as far as it can.
type Source interface {
	Look(ctx context.Context, at *url.URL, ready string) (Identity, error)
}

// Checker looks at paths of all schemes it has a source for.
type Checker struct {
	sources  map[string]Source
	timeout  time.Duration
	parallel int
	hung     *hung
}

// Options are the limits of a Checker; zero values mean the defaults.
type Options struct {
	Timeout  time.Duration // of one look, default 10 s
	Parallel int           // looks at the same time in ReadyMany, default 16
	HDFS     Source        // nil: hdfs:// paths are an error
}

// New returns a Checker.
func New(o Options) *Checker {
	if o.Timeout <= 0 {
		o.Timeout = 10 * time.Second
	}
	if o.Parallel <= 0 {
		o.Parallel = 16
	}
	if o.HDFS == nil {
		o.HDFS = unconfigured("hdfs")
	}
	return &Checker{
		sources:  map[string]Source{"file": localFiles{}, "hdfs": o.HDFS},
		timeout:  o.Timeout,
		parallel: o.Parallel,
		hung:     &hung{limit: 64},
	}
}

// Ready reports whether the path is ready by the rule. An error means unknown.
func (c *Checker) Ready(ctx context.Context, path, ready string) (bool, error) {
	identity, err := c.Stat(ctx, path, ready)
	return identity != Absent, err
}

// Stat returns the identity of what makes the path ready, Absent when it is
// not. An error means unknown.
func (c *Checker) Stat(ctx context.Context, path, ready string) (Identity, error) {
	at, ready, err := parse(path, ready)
	if err != nil {
		return Absent, err
	}
	source, known := c.sources[at.Scheme]
	if !known {
		return Absent, fmt.Errorf("look at %s: the scheme %q is not supported; write file:// or hdfs://", path, at.Scheme)
	}
	identity, err := c.bounded(ctx, func(ctx context.Context) (Identity, error) {
		return source.Look(ctx, at, ready)
	})
	if err != nil {
		return Absent, fmt.Errorf("look at %s: %w", path, err)
	}
	return identity, nil
}

func parse(text, ready string) (*url.URL, string, error) {
	switch ready {
	case "":
		ready = ReadySuccess
	case ReadySuccess, ReadyExists, ReadyNonEmpty:
	default:
		return nil, "", fmt.Errorf("look at %s: %q is no rule for ready; write %s, %s or %s",
			text, ready, ReadySuccess, ReadyExists, ReadyNonEmpty)
	}
	scheme, rest, found := strings.Cut(text, "://")
	if !found {
		return nil, "", fmt.Errorf("look at %q: not a path; write file:///… or hdfs://…", text)
	}
	// Not url.Parse: a path may hold %, ? and # as they are.
	host, file, _ := strings.Cut(rest, "/")
	if scheme == "file" && host != "" {
		return nil, "", fmt.Errorf("look at %s: a file path has three slashes, file:///%s", text, rest)
	}
	return &url.URL{Scheme: scheme, Host: host, Path: path.Clean("/" + file)}, ready, nil
}

// unconfigured is the source of a scheme nobody set up.
type unconfigured string

// Look always fails: not knowing is not the same as not ready.
func (u unconfigured) Look(context.Context, *url.URL, string) (Identity, error) {
	return Absent, fmt.Errorf("%s is not configured", string(u))
}

var (
	_ Source = unconfigured("")
	_ Source = localFiles{}
)
