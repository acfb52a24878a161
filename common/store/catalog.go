package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"sync"
	"time"
)

// catalogAge is how old a remembered list of tasks may be.
const catalogAge = 2 * time.Second

// headPage is how many tasks are read at a time.
const headPage = 5000

// Catalog remembers the list of all tasks, without their definitions, for views
// that look at many of them at each call: graph, grid, search. What somebody else
// has saved shows after catalogAge; Forget makes it show at once. It is safe for
// concurrent use.
type Catalog struct {
	db   *DB
	now  func() time.Time
	mu   sync.Mutex // held while reading: whoever comes meanwhile wants the same
	last *Tasks
	read time.Time

	muForget sync.Mutex
	forgot   bool
}

// Tasks are all tasks by id, disabled ones too, as they were at one moment. They
// are not changed once read.
type Tasks struct {
	Rows   []Task
	Mark   string // equal marks are equal lists
	byName map[string]int
}

// NewCatalog makes an empty memory of the tasks.
func NewCatalog(db *DB) *Catalog { return &Catalog{db: db, now: time.Now} }

// ByName finds a task.
func (t *Tasks) ByName(name string) (*Task, bool) {
	i, ok := t.byName[name]
	if !ok {
		return nil, false
	}
	return &t.Rows[i], true
}

// Forget makes the next Tasks read.
func (c *Catalog) Forget() {
	c.muForget.Lock()
	defer c.muForget.Unlock()
	c.forgot = true
}

// stale tells whether what is remembered must be read again, once for each Forget.
func (c *Catalog) stale() bool {
	c.muForget.Lock()
	defer c.muForget.Unlock()
	stale := c.forgot || c.last == nil || c.now().Sub(c.read) >= catalogAge
	c.forgot = false
	return stale
}

// Tasks returns the list; the same pointer as long as nothing has changed.
func (c *Catalog) Tasks(ctx context.Context) (*Tasks, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.stale() {
		return c.last, nil
	}
	began := c.now()
	rows, err := c.heads(ctx)
	if err != nil {
		c.Forget()
		return nil, err
	}
	c.read = began
	if mark := markOf(rows); c.last == nil || c.last.Mark != mark {
		c.last = &Tasks{Rows: rows, Mark: mark, byName: make(map[string]int, len(rows))}
		for i := range rows {
			c.last.byName[rows[i].Name] = i
		}
	}
	return c.last, nil
}

func (c *Catalog) heads(ctx context.Context) ([]Task, error) {
	var out []Task
	err := c.db.View(ctx, func(t *ViewTx) error {
		out = nil
		for after := int64(-1); ; after = out[len(out)-1].ID {
			rows, err := t.Heads(ctx, after, headPage)
			if err != nil {
				return err
			}
			out = append(out, rows...)
			if len(rows) < headPage {
				return nil
			}
		}
	})
	return out, err
}

// markOf is a hash over what a view shows of tasks.
func markOf(rows []Task) string {
	sum := sha256.New()
	for i := range rows {
		t := &rows[i]
		fmt.Fprintf(sum, "%d %d %t %d %d %q %q\n", t.ID, t.Version, t.IsEnabled, t.ProjectID, t.OwnerID, t.Project, t.Owner)
	}
	return hex.EncodeToString(sum.Sum(nil)[:12])
}
