package jobs

import (
	"context"
	"errors"

	"capricornus/common/fault"
	"capricornus/common/job"
	"capricornus/common/store"
)

// createTries is how often a lost race is run again.
const createTries = 4

// By is who makes a job.
type By struct {
	store.Actor

	Source string // address
}

// Made is the task of a job.
type Made struct {
	ID    int64
	Task  string
	Fresh bool // false: the same job was there
}

// Create makes the task of a job; it is the caller's. The same job once more is
// confirmed, another one of its name is a conflict: a call never changes a task.
func Create(ctx context.Context, db *store.DB, by By, j job.Job) (Made, error) {
	for try := 1; ; try++ {
		made, err := createOnce(ctx, db, by, j)
		lost := errors.Is(err, store.ErrStale) || errors.Is(err, store.ErrExists)
		if !lost {
			return made, err
		}
		if try == createTries {
			return Made{}, fault.Wrap(fault.Conflict, err, "somebody else makes the job %q at this moment", j.Name).WithHint("try again")
		}
	}
}

func createOnce(ctx context.Context, db *store.DB, by By, j job.Job) (Made, error) {
	def, err := job.Define(j, job.Ask{Source: job.HTTP, Owner: by.ID})
	if err != nil {
		return Made{}, err
	}
	ids, err := db.IDs(ctx, 3)
	if err != nil {
		return Made{}, err
	}
	made := Made{Task: def.Metadata.Name}
	err = db.Operate(ctx, by.Actor, func(t *store.OperateTx) error {
		was, err := stand(ctx, t, def.Metadata.Name)
		if err != nil {
			return err
		}
		if was.def != nil {
			made.ID, made.Fresh = was.ID, false
			return confirm(j, was)
		}
		if made.ID, err = put(ctx, t, change{def: def, was: was, ids: ids, note: "job by a call"}); err != nil {
			return err
		}
		made.Fresh = true
		return t.Audit(ctx, store.Audit{ID: ids[2], Action: "job.create", Object: made.Task, Source: by.Source, Detail: audited(nil, def)})
	})
	return made, err
}

// confirm tells whether what is there is what is asked for. It is pure.
func confirm(j job.Job, was standing) error {
	there := job.Of(was.def)
	wanted, err := job.Define(j, job.Ask{Source: job.HTTP, Owner: was.Owner})
	if err != nil {
		return err
	}
	if was.def.Metadata.Labels[job.LabelSource] != string(job.HTTP) || there != job.Of(wanted) {
		return taken(j, was)
	}
	if !was.IsEnabled {
		return fault.New(fault.Conflict, "job %q is there and switched off", j.Name).WithHint("switch it on: capri task enable %s", was.Name)
	}
	return nil
}
