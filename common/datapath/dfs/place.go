package dfs

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path"
	"slices"
	"strings"
	"syscall"

	"github.com/colinmarc/hdfs/v2"
)

const (
	scheme      = "hdfs://"
	defaultPort = "8020" // of a namenode, where a path names none
)

// place is a path on a file system. It is written as the user wrote it.
type place struct {
	root string // "hdfs://" and what follows up to the path; empty for a path alone
	path string // absolute and clean
}

func (p place) String() string { return p.root + p.path }

func (p place) child(name string) place { return place{p.root, path.Join(p.path, name)} }

// item is a place with something there.
type item struct {
	at   place
	info os.FileInfo
}

// parsePlace reads a path. One that is relative is below the user's home. It is
// not taken apart as a URL: it may hold %, ? and # as they are.
func (s *Shell) parsePlace(text string) (place, error) {
	rest, remote := strings.CutPrefix(text, scheme)
	switch {
	case remote:
		authority, file, _ := strings.Cut(rest, "/")
		return place{scheme + authority, path.Clean("/" + file)}, nil
	case strings.Contains(text, "://"):
		return place{}, fmt.Errorf("%s: only hdfs:// is known here", text)
	case text == "":
		return place{}, errors.New("a path is empty")
	case strings.HasPrefix(text, "/"):
		return place{path: path.Clean(text)}, nil
	}
	return place{path: path.Join("/user", s.cfg.User, text)}, nil
}

// namenodes are those of the file system that a place is on.
func (s *Shell) namenodes(p place) ([]string, error) {
	authority := strings.TrimPrefix(p.root, scheme)
	ours := slices.ContainsFunc(s.cfg.Namenodes, func(address string) bool {
		host, _, _ := net.SplitHostPort(address)
		return authority == address || authority == host
	})
	if authority != "" && authority != s.cfg.Nameservice && !ours {
		if _, _, err := net.SplitHostPort(authority); err != nil {
			authority = net.JoinHostPort(authority, defaultPort)
		}
		return []string{authority}, nil
	}
	if len(s.cfg.Namenodes) == 0 {
		return nil, fmt.Errorf("%s names no namenode, and there is none by default: write hdfs://HOST:PORT/…, or set CAPRI_HDFS_NAMENODES=HOST:PORT", p)
	}
	return s.cfg.Namenodes, nil
}

// client is the connection to the file system that a place is on.
func (c *call) client(p place) (*hdfs.Client, error) {
	namenodes, err := c.namenodes(p)
	if err != nil {
		return nil, err
	}
	key := strings.Join(namenodes, ",")
	if c.connections[key] == nil {
		c.connections[key] = connect(c.ctx, namenodes, c.cfg)
	}
	return c.connections[key].client, c.connections[key].err
}

// stat looks at one place; an item without info says that nothing is there.
func (c *call) stat(p place) (item, error) {
	client, err := c.client(p)
	if err != nil {
		return item{}, err
	}
	info, err := client.Stat(p.path)
	if errors.Is(err, os.ErrNotExist) {
		return item{at: p}, nil
	}
	if err != nil {
		return item{}, explain(p, err)
	}
	return item{p, info}, nil
}

// said is an error that has been put into words.
type said struct{ error }

// explain says what is wrong with a place in Hadoop's words.
func explain(at fmt.Stringer, err error) error {
	if _, done := errors.AsType[said](err); done {
		return err
	}
	var reason string
	var remote hdfs.Error
	switch {
	case errors.Is(err, os.ErrNotExist):
		reason = "No such file or directory"
	case errors.Is(err, os.ErrExist):
		reason = "File exists"
	case errors.Is(err, os.ErrPermission):
		reason = "Permission denied"
	case errors.Is(err, syscall.ENOTEMPTY):
		reason = "Directory is not empty"
	case errors.Is(err, syscall.EISDIR):
		reason = "Is a directory"
	case errors.Is(err, syscall.ENOTDIR):
		reason = "Is not a directory"
	case errors.As(err, &remote):
		reason, _, _ = strings.Cut(remote.Message(), "\n") // the rest is a stack trace
	default:
		if inner, ok := errors.AsType[*os.PathError](err); ok {
			err = inner.Err
		}
		reason = err.Error()
	}
	return said{fmt.Errorf("`%s': %s", at, reason)}
}

// local is a path on this machine, for errors about it.
type local string

func (l local) String() string { return string(l) }
