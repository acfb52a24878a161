package program

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"strings"
)

const (
	maxLink      = 4096     // bytes of where a link leads
	maxDirectory = 64 << 20 // bytes of the list of entries
	encrypted    = 1        // bit of the flags of an entry
)

// zip unpacks a zip archive.
func (u *unpacker) zip(file *os.File) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	list := &directory{from: file}
	archive, err := zip.NewReader(list, info.Size())
	if err != nil {
		return broken("zip archive", err)
	}
	list.read = math.MinInt64 // from here on no longer the list
	for _, f := range archive.File {
		if err := u.zipEntry(f); err != nil {
			return err
		}
	}
	return nil
}

// directory reads the list of entries, which ends up in memory, whatever its
// length: it ends with an error when that is too much.
type directory struct {
	from    io.ReaderAt
	read    int64
	entries int
	last    []byte // of the read before: a signature may be in two
}

var _ io.ReaderAt = (*directory)(nil)

// ReadAt implements io.ReaderAt.
func (d *directory) ReadAt(buffer []byte, at int64) (int, error) {
	n, err := d.from.ReadAt(buffer, at)
	if d.read < 0 {
		return n, err
	}
	d.read += int64(n)
	text := append(d.last, buffer[:n]...)
	d.entries += bytes.Count(text, []byte("PK\x01\x02"))
	d.last = bytes.Clone(text[max(0, len(text)-3):])
	if d.entries > maxEntries || d.read > maxDirectory {
		return 0, fmt.Errorf("it has more than %d entries, or names of more than %d MiB", maxEntries, maxDirectory>>20)
	}
	return n, err
}

func (u *unpacker) zipEntry(f *zip.File) error {
	if strings.Contains(f.Name, `\`) {
		return fmt.Errorf(`the name %q in it has a \ in it; make it with / between directories`, f.Name)
	}
	name, err := clean(f.Name)
	if err != nil {
		return err
	}
	if err := u.count(); err != nil {
		return err
	}
	mode := f.Mode()
	if mode.IsDir() {
		return u.dir(name, mode)
	}
	if mode.Type() != 0 && mode.Type() != fs.ModeSymlink {
		return fmt.Errorf("%q in it is no file, directory or link", name)
	}
	if f.Flags&encrypted != 0 {
		return fmt.Errorf("%q in it is encrypted", name)
	}
	content, err := f.Open()
	if err != nil {
		return broken("zip archive", err)
	}
	defer content.Close()
	if mode.Type() == fs.ModeSymlink {
		return u.zipLink(name, damaged{content, "zip archive"})
	}
	e := entry{mode: mode, at: f.Modified, size: int64(min(f.UncompressedSize64, math.MaxInt64))}
	return u.file(name, e, damaged{content, "zip archive"})
}

func (u *unpacker) zipLink(name string, content io.Reader) error {
	target, err := io.ReadAll(io.LimitReader(content, maxLink+1))
	if err != nil {
		return err
	}
	if len(target) > maxLink {
		return errors.New("a link in it is too long")
	}
	return u.symlink(name, string(target))
}
