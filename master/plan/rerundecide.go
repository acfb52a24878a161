package plan

import (
	"fmt"

	"capricornus/common/batch"
	"capricornus/common/store"
)

// ModeFailed of a rerun: only batches that ended without success.
const ModeFailed = "failed"

// Reason codes of reruns beside those of cold starts.
const (
	CodeExcluded     = "SKIP_EXCLUDED"
	CodeAlreadyOK    = "SKIP_ALREADY_OK"
	CodeNotFailed    = "SKIP_NOT_FAILED"
	CodeRunning      = "BLOCK_RUNNING"
	CodeNoPermission = "BLOCK_NO_PERMISSION"
)

// slotFacts is all that the decision about one slot of a rerun looks at.
type slotFacts struct {
	excluded bool // the request leaves the task or this batch out
	enabled  bool
	valid    bool // inside the task's validity
	future   bool // its base time is still to come
	may      bool // the caller may change the task's batches
	existing *store.Existing
	mode     string
}

// decideRerun says what becomes of one slot of a rerun, target or descendant
// (exactly.md 10). A right that is missing is a block, never silence; but what
// would be skipped anyhow needs no right. It is pure.
func decideRerun(f slotFacts) (decision, code string, run int) {
	switch {
	case f.excluded:
		return Skip, CodeExcluded, 0
	case !f.enabled:
		return Skip, CodeDisabled, 0
	case !f.valid:
		return Skip, CodeNotValid, 0
	case f.future:
		return Skip, CodeFuture, 0
	}
	code = CodeNew
	if f.existing != nil {
		run = f.existing.Type
		if decision, code = decideExisting(f); decision != "" {
			return decision, code, run
		}
		run++
	} else if f.mode == ModeFailed {
		return Skip, CodeNotFailed, 0
	}
	if !f.may {
		return Block, CodeNoPermission, run
	}
	return Create, code, run
}

// decideExisting decides over a batch that is there; no decision means a new run.
func decideExisting(f slotFacts) (decision, code string) {
	e := f.existing
	switch {
	case e.State == batch.Running:
		return Block, CodeRunning
	case e.State != batch.Done:
		return Skip, CodeUnfinished
	case f.mode == ModeMissing:
		return Skip, CodeExists
	case f.mode == ModeFailed && e.Finish == batch.Success:
		return Skip, CodeAlreadyOK
	case f.mode == ModeFailed && e.Finish == batch.Skipped:
		return Skip, CodeNotFailed // a person decided that it will not run
	}
	return "", fmt.Sprintf("%s%d", createGenPrefix, e.Type+1)
}

// rerunSentence explains a decision of a rerun.
func rerunSentence(it *Item, owner string) string {
	switch it.Code {
	case CodeFuture:
		return "its time has not come yet"
	case CodeNoPermission:
		return fmt.Sprintf("you may not run batches of this task; ask its owner %s", owner)
	case CodeRunning:
		return fmt.Sprintf("run %d is running: wait for its end or kill it, then plan again", it.Existing.Type)
	case CodeAlreadyOK:
		return fmt.Sprintf("run %d is successful", it.Existing.Type)
	case CodeNotFailed:
		if it.Existing == nil {
			return "no batch yet, so none that failed"
		}
		return fmt.Sprintf("run %d was skipped by a person", it.Existing.Type)
	case CodeUnfinished:
		return unfinishedSentence(it)
	}
	return sentence(it)
}

func unfinishedSentence(it *Item) string {
	text := fmt.Sprintf("run %d is still %s", it.Existing.Type, it.Existing.State)
	switch {
	case len(it.Via) == 0:
		return text
	case it.Existing.State == batch.Assigned:
		return text + ": it is pulled back and waits for the new runs of its parents"
	}
	return text + ": it waits for the new runs of its parents"
}
