package hdfs

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"slices"
	"sync"
	"time"
	"unicode/utf8"
)

const (
	largest      = 5000             // entries of a directory that is remembered
	mostNames    = 500_000          // entries remembered of one file system
	listAgain    = 2 * time.Minute  // a directory's time only rises: changes after a clock was set back do not show
	settled      = time.Second      // a change within the millisecond of an earlier one does not show either
	forgetUnused = 10 * time.Minute // directories that nobody asks for
)

// listing is what was found in a directory, and as which state of it.
type listing struct {
	state string    // identity of the directory
	seen  time.Time // when that was first seen
	began time.Time // the listing; zero: there is none
	names []string  // sorted
	large bool      // has more entries than are remembered
	used  time.Time
}

// holds reports whether the listing still says what is in the directory: it was
// made when that state of the directory had settled, and not long ago.
func (l listing) holds(state string, now time.Time) bool {
	return l.state == state && !l.began.IsZero() && l.began.Sub(l.seen) >= settled && now.Sub(l.began) < listAgain
}

// listings are those of one file system.
type listings struct {
	lock  sync.Mutex
	dirs  map[string]listing
	names int
}

func newListings() *listings { return &listings{dirs: map[string]listing{}} }

// recall returns what is known of a directory in that state.
func (l *listings) recall(dir, state string, now time.Time) listing {
	l.lock.Lock()
	defer l.lock.Unlock()
	known := l.dirs[dir]
	if known.state != state {
		l.names -= len(known.names)
		known = listing{state: state, seen: now}
	}
	known.used = now
	l.dirs[dir] = known
	return known
}

// keep remembers a listing while there is room.
func (l *listings) keep(dir string, made listing) {
	l.lock.Lock()
	defer l.lock.Unlock()
	l.names -= len(l.dirs[dir].names)
	if l.names+len(made.names) > mostNames {
		made.began, made.names = time.Time{}, nil
	}
	l.names += len(made.names)
	l.dirs[dir] = made
}

func (l *listings) forget(dir string) {
	l.lock.Lock()
	defer l.lock.Unlock()
	l.names -= len(l.dirs[dir].names)
	delete(l.dirs, dir)
}

func (l *listings) clear() {
	l.lock.Lock()
	defer l.lock.Unlock()
	clear(l.dirs)
	l.names = 0
}

// sweep forgets directories that nobody asked for.
func (l *listings) sweep() {
	l.lock.Lock()
	defer l.lock.Unlock()
	for dir, known := range l.dirs {
		if time.Since(known.used) > forgetUnused {
			l.names -= len(known.names)
			delete(l.dirs, dir)
		}
	}
}

// names returns the sorted names of what is in a directory, none when there is
// no such directory. Without known they are too many, or could not be had.
func (c *cluster) names(ctx context.Context, dir string) (names []string, known bool, err error) {
	if !utf8.ValidString(dir) {
		return nil, false, errNotUTF8
	}
	var made listing
	err = c.call(ctx, func(l *line) (err error) {
		made, err = l.listing(dir)
		return err
	})
	if err != nil {
		c.listings.forget(dir)
		// Below a directory that is closed each path is asked for by itself: what
		// lies open further down can be looked at.
		return nil, errors.Is(err, fs.ErrNotExist), err
	}
	return made.names, !made.large, nil
}

// listing returns the remembered listing when it holds, and makes one otherwise.
func (l *line) listing(dir string) (listing, error) {
	at, err := l.open(dir)
	if err != nil {
		return listing{}, err
	}
	if !at.Stat().IsDir() {
		return listing{}, nil // nothing is below a file
	}
	remembered := l.cluster.listings
	now := time.Now()
	made := remembered.recall(dir, identify(at.Stat()), now)
	if made.holds(made.state, now) {
		return made, nil
	}
	made.began, made.names, made.large = now, nil, false
	err = l.list(at, func(entries []os.FileInfo) bool {
		for _, entry := range entries {
			made.names = append(made.names, entry.Name())
		}
		made.large = len(made.names) > largest
		return !made.large
	})
	if err != nil {
		return listing{}, err
	}
	if made.large {
		made.names = nil
	}
	slices.Sort(made.names)
	remembered.keep(dir, made)
	return made, nil
}
