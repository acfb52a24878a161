// Package jobs makes tasks of jobs: of calls, of the rows that others write into
// capri_job, of the file that the masters' configuration names. What a job means
// is common/job's; here is who may have which name, and what happens when a job
// changes or goes.
package jobs

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"capricornus/common/fault"
	"capricornus/common/job"
	"capricornus/common/store"
	"capricornus/common/task"
)

// Duty is the name of the duty that takes rows and the file in, and Every is how
// often it looks.
const (
	Duty  = "jobs"
	Every = 10 * time.Second
)

// Deps are what the jobs need.
type Deps struct {
	DB      *store.DB
	Config  []job.Job // of the file that the configuration names; nil: it names none
	Applied func()    // tasks were saved: there may be something to generate
	Log     *slog.Logger
}

// Jobs takes jobs in. It is the duty's alone.
type Jobs struct {
	Deps

	epoch int64  // of the term in which it has looked at everything
	seen  string // what the table looked like when all of it was taken
}

// New wires it.
func New(d Deps) *Jobs { return &Jobs{Deps: d} }

// saver is what jobs are saved through: a person's transaction, or the duty's.
type saver interface {
	TaskEver(ctx context.Context, name string) (store.Task, error)
	Users(ctx context.Context) ([]store.User, error)
	MakeProject(ctx context.Context, p store.Project) (int64, error)
	SaveTask(ctx context.Context, save store.TaskSave, note string) error
}

// firstOwner owns the project of jobs until somebody gives it to another user.
const firstOwner = "admin"

// project is the project of jobs as it is made.
func project(id int64) (store.Project, error) {
	def := task.Project{APIVersion: task.APIVersion, Kind: task.KindProject, Metadata: task.ProjectMetadata{Name: job.Project, Title: "Jobs", Owner: firstOwner}}
	text, err := json.Marshal(def)
	return store.Project{ID: id, Name: job.Project, Title: def.Metadata.Title, Owner: firstOwner, Definition: string(text)}, err
}

// standing is the task of a job's name as it stands; the zero row is none.
type standing struct {
	store.Task

	def *task.Task // nil: there is none, or it was deleted
}

func stand(ctx context.Context, t saver, name string) (standing, error) {
	row, err := t.TaskEver(ctx, name)
	if errors.Is(err, store.ErrNotFound) {
		return standing{}, nil
	}
	if err != nil || row.IsDeleted {
		return standing{Task: row}, err
	}
	def, err := row.Decode()
	return standing{Task: row, def: def}, err
}

// change is a definition to be saved.
type change struct {
	def  *task.Task
	was  standing
	ids  []int64 // for the project and the task, should they be new
	note string
}

// put saves a definition as the next version of what stands there.
func put(ctx context.Context, t saver, c change) (int64, error) {
	owner, err := ownerOf(ctx, t, c.def.Metadata.Owner)
	if err != nil {
		return 0, err
	}
	fresh, err := project(c.ids[0])
	if err != nil {
		return 0, err
	}
	into, err := t.MakeProject(ctx, fresh)
	if err != nil {
		return 0, err
	}
	text, err := json.Marshal(c.def)
	if err != nil {
		return 0, err
	}
	save := store.SaveOf(c.def, string(text))
	save.ID, save.Version, save.ProjectID, save.OwnerID = c.was.ID, c.was.Version+1, into, owner
	if save.ID == 0 {
		save.ID = c.ids[1]
	}
	return save.ID, t.SaveTask(ctx, save, c.note)
}

func ownerOf(ctx context.Context, t saver, name string) (int64, error) {
	users, err := t.Users(ctx)
	if err != nil {
		return 0, err
	}
	for _, u := range users {
		if u.Name == name && u.IsEnabled {
			return u.ID, nil
		}
	}
	return 0, fault.New(fault.Invalid, "its task would belong to %s, who is not a user or is switched off", name).
		WithHint("give the project %s another owner", job.Project)
}

// hashOf is a job's content, to see whether it has changed.
func hashOf(j ...string) string {
	text, _ := json.Marshal(j) // texts always can be
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// same tells whether two definitions are one, as they are written.
func same(a, b *task.Task) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && string(x) == string(y)
}

// audited is the detail of an audit row: the job before and after.
func audited(before, after *task.Task) string {
	view := func(def *task.Task) any {
		if def == nil {
			return nil
		}
		return map[string]any{"job": job.Of(def), "enabled": def.Spec.Enabled}
	}
	text, _ := json.Marshal(map[string]any{"before": view(before), "after": view(after)}) // texts always can be
	return string(text)
}

// taken says that a name is somebody else's.
func taken(j job.Job, was standing) error {
	return fault.New(fault.Conflict, "job %q would be the task %s, which is there and %s", j.Name, was.Name, origin(was.def)).
		WithHint("give the job another name, or delete the task")
}

// origin says where a task comes from.
func origin(def *task.Task) string {
	source := def.Metadata.Labels[job.LabelSource]
	switch {
	case def.Metadata.Project != job.Project || source == "":
		return "is no job"
	case source == string(job.HTTP):
		return "is another job, made by a call"
	}
	return fmt.Sprintf("is another job, from the source %q", source)
}
