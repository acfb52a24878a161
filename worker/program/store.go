package program

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"capricornus/common/datapath"
)

// What an attempt that asks for a package may be told besides that the package
// is bad.
var (
	// ErrLater is wrapped when a package cannot be had now and nothing is known
	// against it: its file system does not answer, or too slowly.
	ErrLater = errors.New("the program package cannot be fetched now")
	// ErrNoRoom is wrapped when this host cannot take it.
	ErrNoRoom = errors.New("no room for the program package")
)

// Paths is where packages come from; datapath.Checker is one.
type Paths interface {
	Stat(ctx context.Context, path, ready string) (datapath.Identity, error)
	Open(ctx context.Context, path string) (*datapath.File, error)
}

// Options are what a Store goes by.
type Options struct {
	Paths   Paths
	Within  time.Duration         // for one fetch, all of it
	Hung    time.Duration         // without a byte, a fetch counts as hung
	Limit   int64                 // bytes of a package; 0: any number
	MinFree int64                 // bytes of the disk to be left free
	Free    func() (int64, error) // bytes of the disk that are free
	Ended   func(EndedFetch)      // told of each fetch that hung or was too slow
}

// Store keeps packages in a directory of its own.
type Store struct {
	Options
	dir *os.Root

	mu      sync.Mutex
	flights map[string]*flight // by path
	stuck   map[string]*input  // by path: reads that were given up, until they return
}

// Package is an open package. It stays whole until Close, whatever becomes of
// the store.
type Package struct {
	file *os.File
	path string
	name string // of the file that it is, when it is no archive
}

// Close lets go of it.
func (p *Package) Close() error { return p.file.Close() }

// partial is how the name of what is not whole ends.
const partial = ".part"

// Open opens a store in a directory, which is made when it is not there. Only
// one may be open at a time: what a fetch left that a crash cut off is removed.
func Open(root *os.Root, dir string, o Options) (*Store, error) {
	if err := root.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("open store of packages: %w", err)
	}
	at, err := root.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open store of packages: %w", err)
	}
	s := &Store{Options: o, dir: at, flights: make(map[string]*flight), stuck: make(map[string]*input)}
	err = s.remove(func(info fs.FileInfo) bool { return strings.HasSuffix(info.Name(), partial) })
	if err != nil {
		return nil, fmt.Errorf("open store of packages: %w", errors.Join(err, at.Close()))
	}
	return s, nil
}

// Close lets go of the directory. No fetch may be under way.
func (s *Store) Close() error { return s.dir.Close() }

// Clean deletes the packages that were last asked for before a time.
func (s *Store) Clean(before time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.remove(func(info fs.FileInfo) bool {
		return info.ModTime().Before(before) && !strings.HasSuffix(info.Name(), partial)
	})
	if err != nil {
		return fmt.Errorf("delete packages: %w", err)
	}
	return nil
}

// remove deletes the files that are chosen. Who has one open goes on reading.
func (s *Store) remove(chosen func(fs.FileInfo) bool) error {
	files, err := s.files()
	if err != nil {
		return err
	}
	for _, info := range files {
		if chosen(info) {
			err = errors.Join(err, s.dir.Remove(info.Name()))
		}
	}
	return err
}

// files are those of the store, the one that was asked for last at the end.
func (s *Store) files() ([]fs.FileInfo, error) {
	entries, err := fs.ReadDir(s.dir.FS(), ".")
	if err != nil {
		return nil, err
	}
	files := make([]fs.FileInfo, 0, len(entries))
	for _, e := range entries {
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		files = append(files, info)
	}
	slices.SortFunc(files, func(a, b fs.FileInfo) int { return a.ModTime().Compare(b.ModTime()) })
	return files, nil
}

// nameOf is the name of one version of a package in the store: names of one
// path begin alike.
func nameOf(path string, version datapath.Identity) string {
	return digest(path) + "-" + digest(string(version))
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:12])
}

// kept opens a version that is in the store, and notes that it was asked for.
func (s *Store) kept(from string, version datapath.Identity) (*Package, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name := nameOf(from, version)
	file, err := s.dir.Open(name)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	if err := s.dir.Chtimes(name, now, now); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &Package{file: file, path: from, name: path.Base(from)}, nil
}

// keep makes a fetched file a version of the package, and the only one.
func (s *Store) keep(from string, version datapath.Identity) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	name := nameOf(from, version)
	if err := s.dir.Rename(digest(from)+partial, name); err != nil {
		return err
	}
	dir, err := s.dir.Open(".")
	if err != nil {
		return err
	}
	if err := errors.Join(dir.Sync(), dir.Close()); err != nil {
		return err
	}
	return s.remove(func(info fs.FileInfo) bool {
		return info.Name() != name && strings.HasPrefix(info.Name(), digest(from)+"-")
	})
}

// room refuses what would leave too little of the disk free. What nobody has
// asked for longest makes way first.
func (s *Store) room(from string, size int64) error {
	free, err := s.Free()
	if err != nil {
		return nil // a disk that cannot be measured is no reason to start nothing
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for path, f := range s.flights {
		if path != from {
			free -= f.size.Load() - f.got.Load()
		}
	}
	lacking := size + s.MinFree - free
	if lacking <= 0 {
		return nil
	}
	made, err := s.makeRoom(lacking)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNoRoom, err)
	}
	if !made {
		return fmt.Errorf("%w: free disk %s less %s for %s is less than the limit %s",
			ErrNoRoom, mebibytes(free), mebibytes(size), from, mebibytes(s.MinFree))
	}
	return nil
}

// makeRoom deletes packages until so many bytes more are free, if all of them
// have as many.
func (s *Store) makeRoom(lacking int64) (bool, error) {
	files, err := s.files()
	if err != nil {
		return false, err
	}
	files = slices.DeleteFunc(files, func(info fs.FileInfo) bool { return strings.HasSuffix(info.Name(), partial) })
	var all int64
	for _, info := range files {
		all += info.Size()
	}
	if all < lacking {
		return false, nil
	}
	for _, info := range files {
		if lacking <= 0 {
			break
		}
		if err := s.dir.Remove(info.Name()); err != nil {
			return false, err
		}
		lacking -= info.Size()
	}
	return true, nil
}
