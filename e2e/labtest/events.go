package labtest

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// events is what was done to a cluster and seen of it, in a file.
type events struct {
	mu   sync.Mutex
	name string
}

func newEvents(name string) *events { return &events{name: name} }

func (e *events) add(what string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	file, err := os.OpenFile(e.name, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return // the directory is gone: nobody will read it
	}
	defer func() { _ = file.Close() }()
	fmt.Fprintf(file, "%s %s\n", time.Now().UTC().Format("15:04:05.000"), what)
}

// Dump copies what explains a failure into a directory that outlives the test,
// and returns its name: events, journal, all logs, configuration.
func (c *Cluster) Dump() string {
	if c.dumped == "" {
		c.dumped = c.keep("failed")
	}
	return c.dumped
}

func (c *Cluster) keep(why string) string {
	dir, err := os.MkdirTemp(os.Getenv(dumpVariable), "capri-lab-"+why+"-")
	if err != nil {
		return "nowhere: " + err.Error()
	}
	names, _ := filepath.Glob(c.path("*"))
	if c.Server != nil {
		names = append(names, filepath.Join(c.Server.dir, "server.log"))
	}
	for _, name := range names {
		info, err := os.Stat(name)
		if err != nil || !info.Mode().IsRegular() || info.Size() > 64<<20 || filepath.Ext(name) == ".token" || filepath.Ext(name) == ".img" {
			continue
		}
		if text, err := os.ReadFile(name); err == nil {
			_ = os.WriteFile(filepath.Join(dir, filepath.Base(name)), text, 0o600) //nolint:gosec // a directory that was made above
		}
	}
	return dir
}

// Events is the text of the event log so far.
func (c *Cluster) Events() string {
	text, _ := os.ReadFile(c.events.name)
	return string(text)
}
