package program

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	maxEntries = 200_000 // files, directories and links of a package
	maxDepth   = 100     // directories in each other
)

// Owner is whom the files of an attempt belong to.
type Owner struct{ UID, GID int }

// unowned is the owner of what stays the worker's.
const unowned = -1

// Own is the worker itself as an owner.
func Own() Owner { return Owner{UID: unowned, GID: unowned} }

// Limit bounds what a package becomes.
type Limit struct {
	Bytes int64  // of all its files; negative: any number
	Says  string // what the limit is, in an error
}

// Unpack puts what is in a package into a directory. A package that is no
// archive becomes a file of its own name that can be executed. On an error
// nothing is left in the directory.
func (p *Package) Unpack(into *os.Root, limit Limit, owner Owner) error {
	u := &unpacker{into: into, limit: limit, owner: owner, dirs: make(map[string]fs.FileMode)}
	defer u.leave()
	err := p.unpack(u)
	if err == nil {
		err = u.finish()
	}
	if err != nil {
		return fmt.Errorf("unpack %s: %w", p.path, errors.Join(err, empty(into)))
	}
	return nil
}

func (p *Package) unpack(u *unpacker) error {
	kind, err := kindOf(p.file, p.name)
	if err != nil {
		return err
	}
	if _, err := p.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	switch kind {
	case kindTar:
		return u.tar(bufio.NewReaderSize(p.file, 1<<16))
	case kindTarGz:
		return u.tarGz(p.file)
	case kindZip:
		return u.zip(p.file)
	default:
		return u.file(p.name, entry{mode: 0o755}, p.file)
	}
}

// empty removes all that is in a directory.
func empty(dir *os.Root) error {
	names, err := fs.ReadDir(dir.FS(), ".")
	if err != nil {
		return err
	}
	for _, name := range names {
		err = errors.Join(err, dir.RemoveAll(name.Name()))
	}
	return err
}

// unpacker writes the entries of one archive.
type unpacker struct {
	into  *os.Root
	limit Limit
	owner Owner

	entries int
	written int64
	dirs    map[string]fs.FileMode // that are there and are directories, not links

	in string   // the directory that the last entry was put into
	at *os.Root // it; nil: not open
}

// entry is what an archive says of one of its entries besides its name.
type entry struct {
	mode fs.FileMode
	at   time.Time // of its last change; zero: unknown
	size int64     // as the archive says; what is written decides
}

// clean makes a name of an archive one below the directory; "." is the
// directory itself.
func clean(name string) (string, error) {
	switch {
	case !utf8.ValidString(name):
		return "", fmt.Errorf("the name %q in it is not UTF-8", name)
	case strings.HasPrefix(name, "/"):
		return "", fmt.Errorf("the name %q in it is absolute", name)
	case slices.Contains(strings.Split(name, "/"), ".."):
		return "", fmt.Errorf("the name %q in it has a .. in it", name)
	case strings.ContainsRune(name, 0):
		return "", fmt.Errorf("the name %q in it has a NUL in it", name)
	}
	name = path.Clean(name)
	if strings.Count(name, "/") > maxDepth {
		return "", fmt.Errorf("%.100q… in it is more than %d directories deep", name, maxDepth)
	}
	return name, nil
}

// count takes one entry more.
func (u *unpacker) count() error {
	if u.entries++; u.entries > maxEntries {
		return fmt.Errorf("it has more than %d entries", maxEntries)
	}
	return nil
}

// place makes room for an entry that is no directory: a later one of the same
// name wins. Its parents are made where the archive does not have them. It
// returns the directory that the entry is to be in, and its name there.
func (u *unpacker) place(name string) (at *os.Root, base string, err error) {
	if name == "." {
		return nil, "", errors.New("the directory itself is in it as something else")
	}
	if at, err = u.enter(name); err != nil {
		return nil, "", err
	}
	base = path.Base(name)
	info, err := at.Lstat(base)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return at, base, nil
	case err != nil:
		return nil, "", err
	case info.IsDir():
		return nil, "", fmt.Errorf("%q is in it twice, as a directory and as something else", name)
	default:
		return at, base, at.Remove(base)
	}
}

// enter opens the directory of a name. It stays open for the next entry, which
// is there as well more often than not.
func (u *unpacker) enter(name string) (*os.Root, error) {
	if err := u.parents(name); err != nil {
		return nil, err
	}
	dir := path.Dir(name)
	if u.at != nil && u.in == dir {
		return u.at, nil
	}
	u.leave()
	at, err := u.into.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	u.in, u.at = dir, at
	return at, nil
}

func (u *unpacker) leave() {
	if u.at != nil {
		_ = u.at.Close() // nothing was written through it itself
		u.at = nil
	}
}

// parents makes the directories above a name. None of them may be a link: where
// links lead is judged by the place they are in.
func (u *unpacker) parents(name string) error {
	dir := path.Dir(name)
	if _, known := u.dirs[dir]; known || dir == "." {
		return nil
	}
	if err := u.count(); err != nil {
		return err
	}
	return u.dir(dir, 0o755)
}

// dir makes a directory, or takes one that is there.
func (u *unpacker) dir(name string, mode fs.FileMode) error {
	if name == "." {
		return nil
	}
	if _, known := u.dirs[name]; known {
		u.dirs[name] = mode
		return nil
	}
	if err := u.parents(name); err != nil {
		return err
	}
	if err := u.into.Mkdir(name, 0o700); errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%q is in it as a directory and as something else", name)
	} else if err != nil {
		return err
	}
	u.dirs[name] = mode
	return nil
}

// file writes a file. Its length is what comes, whatever the archive says.
func (u *unpacker) file(name string, e entry, content io.Reader) error {
	if err := u.fits(e.size); err != nil {
		return err
	}
	at, base, err := u.place(name)
	if err != nil {
		return err
	}
	file, err := at.OpenFile(base, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	err = u.fill(file, content)
	if err == nil && u.owner.UID != unowned {
		err = file.Chown(u.owner.UID, u.owner.GID)
	}
	if err == nil {
		err = file.Chmod(e.mode.Perm())
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	return date(at, base, e.at)
}

func (u *unpacker) fill(file *os.File, content io.Reader) error {
	if u.limit.Bytes < 0 {
		_, err := io.Copy(file, content)
		return err
	}
	n, err := io.Copy(file, io.LimitReader(content, u.limit.Bytes-u.written+1))
	u.written += n
	if err != nil {
		return err
	}
	return u.fits(0)
}

// fits refuses what says of itself that it is too long before it is written.
func (u *unpacker) fits(more int64) error {
	if u.limit.Bytes >= 0 && more > u.limit.Bytes-u.written {
		return fmt.Errorf("it is too large: %s", u.limit.Says)
	}
	return nil
}

// date keeps the time of a file where it can be a time of a file: compiled
// Python goes by it.
func date(in *os.Root, name string, at time.Time) error {
	if at.Unix() <= 0 || at.Year() > 2200 {
		return nil
	}
	return in.Chtimes(name, at, at)
}

// finish gives the directories their owner and modes, the inner ones first. The
// owner may always write: else nobody could clean up.
func (u *unpacker) finish() error {
	u.leave()
	names := make([]string, 0, len(u.dirs))
	for name := range u.dirs {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int { return strings.Compare(b, a) })
	for _, name := range names {
		if u.owner.UID != unowned {
			if err := u.into.Lchown(name, u.owner.UID, u.owner.GID); err != nil {
				return err
			}
		}
		if err := u.into.Chmod(name, u.dirs[name].Perm()|0o700); err != nil {
			return err
		}
	}
	return nil
}
