// Package define looks at saved definitions and changes what stands around them:
// the versions of a task and their differences, task files of what is saved,
// what a batch would run, whether a task is enabled or there at all; and
// projects. Saving task files is apply's, in master/api.
package define

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"capricornus/common/fault"
	"capricornus/common/period"
	"capricornus/common/store"
	"capricornus/common/task"
	"capricornus/master/plan"
)

// Planner knows which parent batches a batch would wait for.
type Planner interface {
	Needs(ctx context.Context, row store.Task, def *task.Task, slot period.Slot) ([]plan.Need, error)
}

// Catalog is what is defined in a cluster. It is safe for concurrent use.
type Catalog struct {
	db    *store.DB
	defs  *store.Definitions
	zone  *time.Location
	plans Planner
}

// New returns the catalog of a database.
func New(db *store.DB, defs *store.Definitions, zone *time.Location, plans Planner) *Catalog {
	return &Catalog{db: db, defs: defs, zone: zone, plans: plans}
}

const (
	maxReason = 400 // bytes, that a column keeps
	shown     = 20  // names that a sentence or an answer lists
)

// checkReason wants a reason that can be kept.
func checkReason(verb, reason string) error {
	if reason == "" {
		return fault.New(fault.Invalid, "to %s it needs a reason", verb).WithHint("say in a few words why, for whoever asks later")
	}
	if len(reason) > maxReason {
		return fault.New(fault.Invalid, "the reason is %d bytes long; at most %d are kept", len(reason), maxReason)
	}
	return nil
}

// audited is what an audit row keeps.
type audited struct {
	Reason string `json:"reason"`
	Before any    `json:"before"`
	After  any    `json:"after"`
}

func (a audited) text() (string, error) {
	text, err := json.Marshal(a)
	if err != nil {
		return "", fmt.Errorf("write the audit row: %w", err)
	}
	return string(text), nil
}

// ever reads a task that is there or was.
func ever(ctx context.Context, t *store.ViewTx, name string) (store.Task, error) {
	row, err := t.TaskEver(ctx, name)
	if errors.Is(err, store.ErrNotFound) {
		return row, plan.UnknownTask(name)
	}
	return row, err
}

// decode reads a stored definition.
func decode[Definition any](text string) (*Definition, error) {
	def := new(Definition)
	if err := json.Unmarshal([]byte(text), def); err != nil {
		return nil, fmt.Errorf("stored definition: %w", err)
	}
	return def, nil
}

// written is a stored definition as a task file.
func written[Definition any](text string) (string, error) {
	def, err := decode[Definition](text)
	if err != nil {
		return "", err
	}
	return task.YAML(def)
}
