package program

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strconv"
	"strings"
)

// kind is what a package is by its first bytes.
type kind int

const (
	kindPlain kind = iota
	kindTar
	kindTarGz
	kindZip
)

const tarBlock = 512

// kindOf looks at the content. Names decide one thing: archives of Java and
// Python are executed as they are.
func kindOf(file io.ReaderAt, name string) (kind, error) {
	head := make([]byte, tarBlock)
	n, err := file.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return 0, err
	}
	head = head[:n]
	switch {
	case isTar(head):
		return kindTar, nil
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")): // the second has no entries
		if isWhole(name) {
			return kindPlain, nil
		}
		return kindZip, nil
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		return inGzip(file)
	default:
		return kindPlain, nil
	}
}

// isWhole says of a zip that it is a program by itself.
func isWhole(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".jar", ".war", ".ear", ".whl", ".egg", ".pyz":
		return true
	default:
		return false
	}
}

func inGzip(file io.ReaderAt) (kind, error) {
	packed, err := gzip.NewReader(io.NewSectionReader(file, 0, 1<<62))
	if err != nil {
		return 0, broken("gzip file", err)
	}
	head := make([]byte, tarBlock)
	n, err := io.ReadFull(packed, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return 0, broken("gzip file", err)
	}
	if isTar(head[:n]) {
		return kindTarGz, nil
	}
	return kindPlain, nil
}

// isTar says whether this is the first block of a tar archive: its checksum is
// right, in whichever format it is.
func isTar(block []byte) bool {
	if len(block) < tarBlock {
		return false
	}
	text := strings.Trim(string(block[148:156]), " \x00")
	want, err := strconv.ParseInt(text, 8, 64)
	if err != nil {
		return false
	}
	var sum, signed int64
	for i, b := range block {
		if i >= 148 && i < 156 {
			b = ' '
		}
		sum += int64(b)
		signed += int64(int8(b))
	}
	return sum == want || signed == want
}

// broken says that an archive cannot be read. What the disk says stays as it is.
func broken(what string, err error) error {
	if onDisk, ok := errors.AsType[*os.PathError](err); ok {
		return onDisk
	}
	return fmt.Errorf("it is a damaged %s: %w", what, err)
}
