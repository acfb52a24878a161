package channel

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"sync"
	"time"

	"capricornus/master/notice/rule"
)

// fullFile is the size from which a file is set aside and a new one begun.
const fullFile = 10 << 20

// File takes messages as lines of JSON, for whoever tries things out and for
// programs that read them. Only the user that the master runs as can read it.
type File struct {
	path string
	mu   *sync.Mutex
	as   rule.Channel
}

// fileLine is a message as it is written.
type fileLine struct {
	At      time.Time    `json:"at"`
	Channel rule.Channel `json:"channel,omitempty"`
	Key     string       `json:"key"`
	Address string       `json:"address,omitempty"`
	Name    string       `json:"name,omitempty"`
	Lang    string       `json:"lang,omitempty"`
	Level   string       `json:"level,omitempty"`
	Subject string       `json:"subject,omitempty"`
	Text    string       `json:"text"`
	HTML    string       `json:"html,omitempty"`
}

// NewFile writes to a file that need not be there; the one before it is kept as
// path.1.
func NewFile(path string) *File { return &File{path: path, mu: &sync.Mutex{}} }

// As is the same file for messages of one channel, which its lines name.
func (f *File) As(channel rule.Channel) *File {
	out := *f
	out.as = channel
	return &out
}

// Send adds a line. Every error may pass: disks get room again.
func (f *File) Send(_ context.Context, e Envelope) (string, error) {
	line, err := json.Marshal(fileLine{
		At: time.Now().UTC().Truncate(time.Millisecond), Channel: f.as, Key: e.Key, Address: e.Address, Name: e.Name,
		Lang: e.Lang, Level: e.Level, Subject: e.Text.Subject, Text: e.Text.Plain, HTML: e.Text.HTML,
	})
	if err != nil {
		return "", permanent("the message is no JSON: %s", err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.add(append(line, '\n')); err != nil {
		return "", passing("alerts.file %s cannot be written: %s", f.path, reasonOf(err))
	}
	return "written to " + f.path, nil
}

// add writes a line in one piece.
func (f *File) add(line []byte) error {
	if info, err := os.Stat(f.path); err == nil && info.Size()+int64(len(line)) > fullFile {
		if err := os.Rename(f.path, f.path+".1"); err != nil {
			return err
		}
	}
	file, err := os.OpenFile(f.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(line)
	return errors.Join(err, file.Close())
}

// reasonOf is the system's word without the path, which was said.
func reasonOf(err error) string {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return p.Err.Error()
	}
	return err.Error()
}
