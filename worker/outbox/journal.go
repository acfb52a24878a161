package outbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"sync"

	"capricornus/common/wire"
)

// compactAfter is the size from which a file that is mostly forgotten facts is
// written anew.
const compactAfter = 4 << 20

// journal is an append-only file of lines: a fact put in, or the id of one
// that may be forgotten. Puts are synced, removals are not: a lost removal
// only means that a fact is sent once more.
type journal struct {
	root *os.Root
	name string

	mu     sync.Mutex
	file   *os.File
	open   map[string]wire.Fact
	size   int64
	broken bool // the last write may have left half a line
}

// line is one line of the file; exactly one field is set.
type line struct {
	Put    *wire.Fact `json:"put,omitempty"`
	Remove string     `json:"remove,omitempty"`
}

func openJournal(root *os.Root, name string) (*journal, []wire.Fact, error) {
	if err := root.MkdirAll(path.Dir(name), 0o700); err != nil {
		return nil, nil, fmt.Errorf("make outbox: %w", err)
	}
	left, err := readJournal(root, name)
	if err != nil {
		return nil, nil, err
	}
	j := &journal{root: root, name: name, open: make(map[string]wire.Fact)}
	for _, fact := range left {
		j.open[factID(fact)] = fact
	}
	if err := j.rewrite(left); err != nil {
		return nil, nil, err
	}
	return j, left, nil
}

// readJournal returns the facts that were put in and not removed, oldest
// first. A line that cannot be read is passed over: a crash tore it, so it was
// never promised to anybody.
func readJournal(root *os.Root, name string) ([]wire.Fact, error) {
	text, err := root.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read outbox: %w", err)
	}
	var left []wire.Fact
	place := make(map[string]int)
	for row := range bytes.Lines(text) {
		var l line
		if json.Unmarshal(row, &l) != nil {
			continue
		}
		if l.Put != nil {
			place[factID(*l.Put)] = len(left)
			left = append(left, *l.Put)
		}
		delete(place, l.Remove)
	}
	kept := left[:0]
	for i, fact := range left {
		if at, open := place[factID(fact)]; open && at == i {
			kept = append(kept, fact)
		}
	}
	return kept, nil
}

// rewrite replaces the file by one that holds the facts only.
func (j *journal) rewrite(facts []wire.Fact) error {
	text, err := encode(facts)
	if err != nil {
		return err
	}
	temporary := j.name + ".tmp"
	file, err := j.root.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_TRUNC|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("write outbox: %w", err)
	}
	_, err = file.Write(text)
	err = errors.Join(err, file.Sync())
	if err == nil {
		err = j.root.Rename(temporary, j.name)
	}
	if err != nil {
		return fmt.Errorf("write outbox: %w", errors.Join(err, file.Close()))
	}
	if j.file != nil {
		err = j.file.Close()
	}
	j.file, j.size, j.broken = file, int64(len(text)), false
	return errors.Join(err, j.syncDir())
}

func (j *journal) syncDir() error {
	dir, err := j.root.Open(path.Dir(j.name))
	if err != nil {
		return fmt.Errorf("sync outbox: %w", err)
	}
	return errors.Join(dir.Sync(), dir.Close())
}

func encode(facts []wire.Fact) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	for i := range facts {
		if err := encoder.Encode(line{Put: &facts[i]}); err != nil {
			return nil, fmt.Errorf("encode fact: %w", err)
		}
	}
	return text.Bytes(), nil
}

// put appends the facts and syncs them.
func (j *journal) put(facts []wire.Fact) error {
	text, err := encode(facts)
	if err != nil {
		return err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, fact := range facts {
		j.open[factID(fact)] = fact
	}
	if err := j.append(text); err != nil {
		return err
	}
	if err := j.file.Sync(); err != nil {
		return fmt.Errorf("sync outbox: %w", err)
	}
	return nil
}

// remove forgets facts.
func (j *journal) remove(ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	for _, id := range ids {
		delete(j.open, id)
		if err := encoder.Encode(line{Remove: id}); err != nil {
			return fmt.Errorf("encode removal: %w", err)
		}
	}
	if j.size > compactAfter && len(j.open) < maxFacts {
		return j.compact()
	}
	return j.append(text.Bytes())
}

// compact writes the open facts into a new file; j.mu is held.
func (j *journal) compact() error {
	facts := make([]wire.Fact, 0, len(j.open))
	for _, fact := range j.open {
		facts = append(facts, fact)
	}
	slices.SortFunc(facts, func(a, b wire.Fact) int { return int(a.EndedAt - b.EndedAt) })
	return j.rewrite(facts)
}

// append writes whole lines. After a failure the next one starts on a new
// line, so that half a line spoils only itself.
func (j *journal) append(text []byte) error {
	if j.broken {
		text = append([]byte{'\n'}, text...)
	}
	n, err := j.file.Write(text)
	j.size += int64(n)
	j.broken = err != nil
	if err != nil {
		return fmt.Errorf("write outbox: %w", err)
	}
	return nil
}

func (j *journal) close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.file.Close()
}
