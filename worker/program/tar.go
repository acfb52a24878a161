package program

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
)

// besideFiles is what an archive may have besides the content of its files, for
// each entry: headers, long names, what fills up blocks.
const besideFiles = 4 << 10

// tarGz unpacks a tar archive that gzip has packed.
func (u *unpacker) tarGz(file io.Reader) error {
	packed, err := gzip.NewReader(bufio.NewReaderSize(file, 1<<16))
	if err != nil {
		return broken("gzip file", err)
	}
	var from io.Reader = packed
	if u.limit.Bytes >= 0 { // headers without end come out of few bytes, too
		from = &bounded{from: packed, left: u.limit.Bytes + maxEntries*besideFiles, says: "it is too large: " + u.limit.Says}
	}
	if err := u.tar(from); err != nil {
		return err
	}
	// The checksum is behind the end of the archive; what is behind that, gzip
	// itself would not mind.
	if _, err := io.Copy(io.Discard, from); err != nil && !errors.Is(err, gzip.ErrHeader) {
		return broken("gzip file", err)
	}
	return nil
}

// bounded ends with an error when more comes than there should be.
type bounded struct {
	from io.Reader
	left int64
	says string
}

func (b *bounded) Read(buffer []byte) (int, error) {
	if b.left <= 0 {
		return 0, errors.New(b.says)
	}
	n, err := b.from.Read(buffer[:min(int64(len(buffer)), b.left)])
	b.left -= int64(n)
	return n, err
}

// tar unpacks a tar archive.
func (u *unpacker) tar(from io.Reader) error {
	archive := tar.NewReader(from)
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return broken("tar archive", err)
		}
		if err := u.tarEntry(header, damaged{archive, "tar archive"}); err != nil {
			return err
		}
	}
}

// damaged says of what a read fails.
type damaged struct {
	io.Reader
	what string
}

func (d damaged) Read(buffer []byte) (int, error) {
	n, err := d.Reader.Read(buffer)
	if err != nil && !errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = broken(d.what, err)
	}
	return n, err
}

func (u *unpacker) tarEntry(header *tar.Header, content io.Reader) error {
	if err := u.count(); err != nil {
		return err
	}
	if header.Typeflag == tar.TypeXGlobalHeader { // git archive writes the commit there
		return nil
	}
	name, err := clean(header.Name)
	if err != nil {
		return err
	}
	e := entry{mode: header.FileInfo().Mode(), at: header.ModTime, size: header.Size}
	switch header.Typeflag {
	case tar.TypeReg, tar.TypeGNUSparse:
		return u.file(name, e, content)
	case tar.TypeDir:
		return u.dir(name, e.mode)
	case tar.TypeSymlink:
		return u.symlink(name, header.Linkname)
	case tar.TypeLink:
		return u.link(name, header.Linkname)
	case tar.TypeChar, tar.TypeBlock, tar.TypeFifo:
		return fmt.Errorf("%q in it is a device or a pipe", name)
	default:
		return fmt.Errorf("%q in it is of the type %q, which is no file, directory or link", name, header.Typeflag)
	}
}
