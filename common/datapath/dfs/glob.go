package dfs

import (
	"errors"
	"os"
	"path"
	"strings"
	"syscall"
)

// expand returns what an argument names: the place itself, or everything that
// its wildcards match. It is an error when that is nothing.
func (c *call) expand(arg string) ([]item, error) {
	at, err := c.parsePlace(arg)
	if err != nil {
		return nil, err
	}
	found, err := c.glob(at)
	if err == nil && len(found) == 0 {
		err = explain(at, os.ErrNotExist)
	}
	return found, err
}

// glob is expand, but may find nothing.
func (c *call) glob(at place) ([]item, error) {
	if !wild(at.path) {
		it, err := c.stat(at)
		if err != nil || it.info == nil {
			return nil, err
		}
		return []item{it}, nil
	}
	parent, pattern := place{at.root, path.Dir(at.path)}, path.Base(at.path)
	pattern = strings.ReplaceAll(pattern, "[!", "[^")
	dirs, err := c.glob(parent)
	if err != nil {
		return nil, err
	}
	var found []item
	for _, dir := range dirs {
		if !dir.info.IsDir() {
			continue
		}
		matched, err := c.match(dir.at, pattern)
		if err != nil {
			return nil, err
		}
		found = append(found, matched...)
	}
	return found, nil
}

// match is what a directory holds whose name a pattern matches.
func (c *call) match(dir place, pattern string) ([]item, error) {
	if !wild(pattern) {
		it, err := c.stat(dir.child(pattern))
		if err != nil || it.info == nil {
			return nil, err
		}
		return []item{it}, nil
	}
	all, err := c.entries(dir)
	if err != nil {
		return nil, err
	}
	var found []item
	for _, it := range all {
		fits, err := path.Match(pattern, it.info.Name())
		if err != nil {
			return nil, explain(dir.child(pattern), err)
		}
		if fits {
			found = append(found, it)
		}
	}
	return found, nil
}

func wild(text string) bool { return strings.ContainsAny(text, `*?[\`) }

// entries is what a directory holds, by name. One that went away holds nothing.
func (c *call) entries(dir place) ([]item, error) {
	client, err := c.client(dir)
	if err != nil {
		return nil, err
	}
	infos, err := client.ReadDir(dir.path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, explain(dir, err)
	}
	found := make([]item, 0, len(infos))
	for _, info := range infos {
		found = append(found, item{dir.child(info.Name()), info})
	}
	return found, nil
}

// target is where something called name goes: into a directory that is there,
// or to the place itself. Several things go into a directory only.
func (c *call) target(arg string, several bool) (func(name string) place, error) {
	at, err := c.parsePlace(arg)
	if err != nil {
		return nil, err
	}
	there, err := c.stat(at)
	switch {
	case err != nil:
		return nil, err
	case there.info != nil && there.info.IsDir():
		return at.child, nil
	case several && there.info == nil:
		return nil, explain(at, os.ErrNotExist)
	case several:
		return nil, explain(at, syscall.ENOTDIR)
	}
	return func(string) place { return at }, nil
}
