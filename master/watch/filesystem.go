package watch

import (
	"context"
	"fmt"
	"strings"
	"time"

	"capricornus/common/datapath"
	"capricornus/common/store"
)

// Kinds of file systems that do not answer; the object is the file system.
const (
	KindHDFS  = "hdfs-not-answering"
	KindFiles = "files-not-answering"
)

// probeAtMost bounds how long the monitor waits for file systems to be asked.
const probeAtMost = 15 * time.Second

// FileSystem is one on which data paths are.
type FileSystem struct {
	Name    string
	Known   bool // it was asked
	Down    bool // it does not answer
	Since   time.Time
	Tries   int // in a row that failed
	Cause   string
	Waiting int // paths on it that waiting batches need and nobody could look at
}

// fileSystems asks those that nobody has asked for some time, so that one that
// is away is noticed although nobody waits for it, and tells how all are.
func (p *Platform) fileSystems(ctx context.Context) []FileSystem {
	if p.FileSystems == nil {
		return nil
	}
	if p.Probe != nil {
		ctx, cancel := context.WithTimeout(ctx, probeAtMost)
		defer cancel()
		p.Probe(ctx)
	}
	return p.FileSystems()
}

// judgeFileSystems looks for file systems that do not answer. It is critical
// once that is no passing trouble and batches wait for it. A leader that has not
// asked one yet lets stand what people were told of it.
func (s *sight) judgeFileSystems(v *verdict) {
	for _, f := range s.fileSystems {
		kind := KindHDFS
		if strings.HasPrefix(f.Name, "file:") {
			kind = KindFiles
		}
		o := object{kind, f.Name}
		switch {
		case !f.Known:
			v.unknown[o] = true
		case f.Down && f.Tries >= datapath.Tries && f.Waiting > 0:
			v.add(o, store.LevelCritical, f.text(s.now))
		case f.Down:
			v.add(o, store.LevelImportant, f.text(s.now))
		}
	}
}

func (f *FileSystem) text(now time.Time) string {
	text := fmt.Sprintf("%s does not answer for %s: %s", f.Name, now.Sub(f.Since).Round(time.Second), f.Cause)
	if f.Waiting > 0 {
		text += fmt.Sprintf("; waiting batches need %d paths on it", f.Waiting)
	}
	return text + "; nothing that needs it starts or fails meanwhile"
}
