package program

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode/utf8"
)

// symlink makes a link that leads to something inside. With .. at the beginning
// only, and no link above any entry, that shows in the text of the link.
func (u *unpacker) symlink(name, target string) error {
	inside := strings.TrimLeft(path.Clean("/"+path.Dir(name)), "/")
	depth := 0
	if inside != "" {
		depth = strings.Count(inside, "/") + 1
	}
	rest := target
	for ; rest == ".." || strings.HasPrefix(rest, "../"); depth-- {
		rest = strings.TrimLeft(strings.TrimPrefix(rest, ".."), "/")
	}
	switch {
	case target == "" || !utf8.ValidString(target):
		return fmt.Errorf("the link %q in it leads nowhere: %q", name, target)
	case strings.HasPrefix(target, "/"):
		return fmt.Errorf("the link %q in it leads to an absolute path: %s", name, target)
	case depth < 0, slices.Contains(strings.Split(rest, "/"), ".."):
		return fmt.Errorf("the link %q in it leads out of the package: %s", name, target)
	}
	at, base, err := u.place(name)
	if err != nil {
		return err
	}
	if err := at.Symlink(target, base); err != nil {
		return err
	}
	if u.owner.UID == unowned {
		return nil
	}
	return at.Lchown(base, u.owner.UID, u.owner.GID)
}

// link gives a file that came before a second name.
func (u *unpacker) link(name, target string) error {
	target, err := clean(target)
	if err != nil {
		return err
	}
	if err := u.parents(target); err != nil {
		return err
	}
	info, err := u.into.Lstat(target)
	if err != nil || !info.Mode().IsRegular() {
		return fmt.Errorf("%q in it is a link to %q, which is no file that comes before it", name, target)
	}
	if name == target {
		return nil
	}
	if _, _, err := u.place(name); err != nil {
		return err
	}
	return u.into.Link(target, name)
}
