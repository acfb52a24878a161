package weblog

import (
	"archive/tar"
	"compress/gzip"
	"fmt"
	"io"
	"io/fs"
	"path"
)

// WritePackage writes the program package of a house on HDFS: the scripts, as a
// tar.gz that is the same each time. It goes to h.Package.
func WritePackage(out io.Writer, h House) error {
	names, err := fs.Glob(content, "scripts/*.sh")
	if err != nil {
		return fmt.Errorf("list the embedded scripts: %w", err)
	}
	packed := gzip.NewWriter(out)
	archive := tar.NewWriter(packed)
	for _, name := range names {
		if path.Base(name) == publishing {
			continue // the other form takes its name
		}
		text, err := content.ReadFile(name)
		if err != nil {
			return fmt.Errorf("read the embedded script: %w", err)
		}
		filled := h.marks().Replace(string(text))
		header := tar.Header{Name: path.Base(name), Mode: 0o755, Size: int64(len(filled))}
		if header.Name == onHDFS {
			header.Name = publishing
		}
		if err := archive.WriteHeader(&header); err != nil {
			return fmt.Errorf("pack %s: %w", name, err)
		}
		if _, err := io.WriteString(archive, filled); err != nil {
			return fmt.Errorf("pack %s: %w", name, err)
		}
	}
	if err := archive.Close(); err != nil {
		return fmt.Errorf("end the package: %w", err)
	}
	return packed.Close()
}
