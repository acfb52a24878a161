// Package datapath answers one question about a path: is it ready? The answer
// has three values: ready, not ready, and an error, which means unknown and is
// never taken for either. Paths are URLs: file:///abs/path on this host's file
// system, hdfs://… on a cluster.
//
// Every look has a deadline. A file system that hangs (a dead NFS server, a
// stuck namenode) costs the looks at it their deadline and nothing else: other
// paths are looked at meanwhile, and past a number of hung looks new ones fail
// at once instead of piling up. File systems with servers of their own keep
// their deadlines themselves. A Checker is safe for concurrent use.
package datapath

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
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

// ErrUnavailable is wrapped by errors of a file system that does not answer now:
// its servers are away, hang, or are not ready to serve. Nothing is known about
// any path on it, and asking again later is all that helps.
var ErrUnavailable = errors.New("the file system does not answer")

// Unavailable reports whether an error says nothing about the path itself: its
// file system does not answer. Other errors, such as a refused permission, are
// about the path and do not pass by themselves.
func Unavailable(err error) bool {
	return errors.Is(err, ErrUnavailable) || errors.Is(err, ErrTimeout)
}

// Outage is the error of a file system that does not answer.
type Outage struct { //nolint:errname // an outage is what it is about
	Name  string // as its Health names it
	Cause string // the same text while the cause stays the same: no counters, no times
}

// Error says which file system does not answer, and why.
func (o *Outage) Error() string { return o.Name + " does not answer: " + o.Cause }

// Unwrap makes every Outage an ErrUnavailable.
func (o *Outage) Unwrap() error { return ErrUnavailable }

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
// ready and an error when it cannot say; Open opens a file for reading. Both
// obey ctx as far as they can.
type Source interface {
	Look(ctx context.Context, at *url.URL, ready string) (Identity, error)
	Open(ctx context.Context, at *url.URL) (*File, error)
}

// FileSystem is a Source with servers of its own, which may be away. It answers
// many questions at once with few calls, and knows how its servers are.
type FileSystem interface {
	Source
	// ReadyMany answers every question once, in groups as the answers come. Its
	// answers have no Identity. It ends early when ctx does.
	ReadyMany(ctx context.Context, questions []Question) iter.Seq[[]Answer]
	// Health tells how each file system is that was configured, by name.
	Health() []Health
	// Probe asks those that nobody has asked for some time, within their deadlines.
	Probe(ctx context.Context)
	// OnChange names a function to call whenever one goes down, has not answered
	// Tries calls in a row, or comes back.
	OnChange(func())
	Close() error
}

// Question is a Check that has been taken apart.
type Question struct {
	Check
	At   *url.URL
	Rule string // what makes it ready; never empty
}

// Answer is what became of a Question; with Err set nothing is known.
type Answer struct {
	Question
	Met bool
	Err error
}

// File is an open file. Reads end with an error when they hang for longer than
// the file system's deadline, or when the context of its Open ends.
type File struct {
	io.ReadCloser
	Name     string // the last part of its path
	Size     int64  // bytes, as it was opened
	Identity Identity
}

// Tries is how often a check is tried before people are told: a first time and
// three times more (seed A3-21).
const Tries = 4

// Health is how a file system is.
type Health struct {
	Name  string    // hdfs:// and its name in paths, or its first namenode
	Known bool      // it was asked, and answered or did not
	Down  bool      // it does not answer
	Since time.Time // it is down since
	Tries int       // calls in a row that failed, the first included
	Err   string    // of the last one, stable while the cause stays the same
}

// Checker looks at paths of all schemes it has a source for.
type Checker struct {
	sources  map[string]Source
	timeout  time.Duration
	parallel int
	hung     *hung
	remote   FileSystem // nil: none
}

// Options are the limits of a Checker; zero values mean the defaults.
type Options struct {
	Timeout  time.Duration // of one look at a local path, default 10 s
	Parallel int           // looks at the same time at many paths, default 16
	HDFS     FileSystem    // nil: hdfs:// paths are an error
}

// New returns a Checker.
func New(o Options) *Checker {
	if o.Timeout <= 0 {
		o.Timeout = 10 * time.Second
	}
	if o.Parallel <= 0 {
		o.Parallel = 16
	}
	c := &Checker{
		sources:  map[string]Source{"file": localFiles{}, "hdfs": unconfigured("hdfs")},
		timeout:  o.Timeout,
		parallel: o.Parallel,
		hung:     &hung{limit: 64},
		remote:   o.HDFS,
	}
	if o.HDFS != nil {
		c.sources["hdfs"] = o.HDFS
	}
	return c
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
	look := func(ctx context.Context) (Identity, error) { return source.Look(ctx, at, ready) }
	var identity Identity
	if at.Scheme == "file" {
		identity, err = c.bounded(ctx, look)
	} else {
		identity, err = look(ctx) // it keeps deadlines of its own
	}
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

// Open always fails.
func (u unconfigured) Open(context.Context, *url.URL) (*File, error) {
	return nil, fmt.Errorf("%s is not configured", string(u))
}

var (
	_ Source = unconfigured("")
	_ Source = localFiles{}
)
