package store

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"

	"capricornus/common/task"
)

// Definitions reads saved definitions through a bounded memory: a version
// never changes, so what was read once stays right.
type Definitions struct {
	db    *DB
	limit int
	mu    sync.Mutex
	known map[VersionKey]*task.Task
}

// NewDefinitions makes a memory of at most limit definitions.
func NewDefinitions(db *DB, limit int) *Definitions {
	return &Definitions{db: db, limit: limit, known: map[VersionKey]*task.Task{}}
}

// Get returns the definitions of these versions. Those that do not exist are
// left out; one that cannot be read is an error.
func (d *Definitions) Get(ctx context.Context, keys []VersionKey) (map[VersionKey]*task.Task, error) {
	out, missing := d.recall(keys)
	if len(missing) == 0 {
		return out, nil
	}
	var texts map[VersionKey]string
	err := d.db.View(ctx, func(t *ViewTx) (err error) {
		texts, err = t.Definitions(ctx, missing)
		return err
	})
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.known)+len(texts) > d.limit {
		clear(d.known)
	}
	for key, text := range texts {
		def, err := decodeDefinition(key, text)
		if err != nil {
			return nil, err
		}
		d.known[key] = def
		out[key] = def
	}
	return out, nil
}

func (d *Definitions) recall(keys []VersionKey) (map[VersionKey]*task.Task, []VersionKey) {
	d.mu.Lock()
	defer d.mu.Unlock()
	out := make(map[VersionKey]*task.Task, len(keys))
	var missing []VersionKey
	for _, k := range keys {
		if def, ok := d.known[k]; ok {
			out[k] = def
			continue
		}
		missing = append(missing, k)
	}
	return out, missing
}

func decodeDefinition(key VersionKey, text string) (*task.Task, error) {
	def := &task.Task{}
	if err := json.Unmarshal([]byte(text), def); err != nil {
		return nil, fmt.Errorf("definition %d version %d: %w", key.TaskID, key.Version, err)
	}
	return def, nil
}

// Decode reads the definition of a task as it stands.
func (t *Task) Decode() (*task.Task, error) {
	return decodeDefinition(VersionKey{t.ID, t.Version}, t.Definition)
}
