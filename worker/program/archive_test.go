package program

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// one entry of a tar archive of a test.
func file(name, content string) *tar.Header {
	return &tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o644, Size: int64(len(content)), PAXRecords: map[string]string{"X.content": content}}
}

func link(name, target string) *tar.Header {
	return &tar.Header{Typeflag: tar.TypeSymlink, Name: name, Linkname: target, Mode: 0o777}
}

func hard(name, target string) *tar.Header {
	return &tar.Header{Typeflag: tar.TypeLink, Name: name, Linkname: target, Mode: 0o644}
}

func special(kind byte, name string) *tar.Header {
	return &tar.Header{Typeflag: kind, Name: name, Mode: 0o644}
}

func withMode(h *tar.Header, mode int64) *tar.Header {
	h.Mode = mode
	return h
}

// tarOf makes an archive. Contents travel in a header of their own.
func tarOf(t testing.TB, headers ...*tar.Header) []byte {
	t.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, h := range headers {
		content := h.PAXRecords["X.content"]
		plain := *h
		plain.PAXRecords = nil
		if h.Typeflag == tar.TypeXGlobalHeader {
			plain = tar.Header{Typeflag: h.Typeflag, PAXRecords: map[string]string{"comment": "a commit"}}
		}
		if err := w.WriteHeader(&plain); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func gz(t testing.TB, data []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// zipOf makes an archive of names with modes and contents.
func zipOf(t testing.TB, entries ...zipped) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, e := range entries {
		h := &zip.FileHeader{Name: e.name, Method: zip.Deflate, Flags: e.flags}
		h.SetMode(e.mode)
		into, err := w.CreateHeader(h)
		if err == nil {
			_, err = into.Write([]byte(e.content))
		}
		if err != nil && !e.mode.IsDir() {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

type zipped struct {
	name    string
	mode    fs.FileMode
	content string
	flags   uint16
}

// packed opens bytes as a package of a name.
func packed(t testing.TB, name string, data []byte) *Package {
	t.Helper()
	at := filepath.Join(t.TempDir(), "package")
	if err := os.WriteFile(at, data, 0o600); err != nil {
		t.Fatal(err)
	}
	opened, err := os.Open(at)
	if err != nil {
		t.Fatal(err)
	}
	p := &Package{file: opened, path: "file:///apps/" + name, name: name}
	t.Cleanup(func() { p.Close() })
	return p
}

func within(bytes int64) Limit { return Limit{Bytes: bytes, Says: "more than the limit"} }

// target is a directory to unpack into, with something beside it.
func target(t testing.TB) (outer string, into *os.Root) {
	t.Helper()
	outer = t.TempDir()
	if err := os.MkdirAll(outer+"/work", 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(outer+"/secret", []byte("untouched"), 0o600); err != nil {
		t.Fatal(err)
	}
	into, err := os.OpenRoot(outer + "/work")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { into.Close() })
	return outer, into
}

// tree lists what is in a directory: mode, name, and content or where it leads.
func tree(t testing.TB, dir string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(dir, func(at string, e fs.DirEntry, err error) error {
		if err != nil || at == dir {
			return err
		}
		name, _ := filepath.Rel(dir, at)
		info, err := e.Info()
		if err != nil {
			return err
		}
		text := ""
		switch {
		case info.Mode().IsRegular():
			content, err := os.ReadFile(at)
			if err != nil {
				return err
			}
			text = " " + string(content)
		case info.Mode().Type() == fs.ModeSymlink:
			to, err := os.Readlink(at)
			if err != nil {
				return err
			}
			out = append(out, "link "+name+" -> "+to)
			return nil
		}
		out = append(out, fmt.Sprintf("%v %s%s", info.Mode(), name, text))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(out)
	return out
}
