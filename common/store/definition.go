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
// left out; one that cannot be read is an error. Do not call it inside a
// transaction: In is for that.
func (d *Definitions) Get(ctx context.Context, keys []VersionKey) (map[VersionKey]*task.Task, error) {
	out, missing := d.recall(keys)
	if len(missing) == 0 {
		return out, nil
	}
	return out, d.db.View(ctx, func(t *ViewTx) error { return d.fill(ctx, t, missing, out) })
}

// In is Get inside a transaction that is open already.
func (d *Definitions) In(ctx context.Context, t *ViewTx, keys []VersionKey) (map[VersionKey]*task.Task, error) {
	out, missing := d.recall(keys)
	if len(missing) == 0 {
		return out, nil
	}
	return out, d.fill(ctx, t, missing, out)
}

// fill reads what is missing into out and remembers it.
func (d *Definitions) fill(ctx context.Context, t *ViewTx, missing []VersionKey, out map[VersionKey]*task.Task) error {
	texts, err := t.Definitions(ctx, missing)
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.known)+len(texts) > d.limit {
		clear(d.known)
	}
	for key, text := range texts {
		def, err := decodeDefinition(key, text)
		if err != nil {
			return err
		}
		d.known[key] = def
		out[key] = def
	}
	return nil
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
