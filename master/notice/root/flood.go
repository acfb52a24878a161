package root

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"capricornus/common/batch"
	"capricornus/common/store"
)

// Which of several ends of a walk is the root: the lowest first.
const (
	rankFailed = iota // a batch that has ended without success
	rankAbsent
	rankPath
	rankThird
	rankLate // a batch that runs, or waits for no other
)

// end is where a walk ends: something unmet that waits for nothing else.
type end struct {
	of     int64 // the batch that waits for it
	rank   int
	since  int64 // unmet
	kind   string
	root   string
	absent store.ParentKey // of a batch that is not there
	node   *store.Node     // of one that is
}

// flood gives each batch the best of the ends that it can be walked to from;
// it is pure. Each end, the best first, goes to its batch and up to the readers
// of that, as far as nobody has a better one: circles end by themselves, and
// all that wait for one thing have the same root.
func flood(ends []end, readers map[int64][]int64) map[int64]Root {
	slices.SortFunc(ends, func(a, b end) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.since, b.since), cmp.Compare(a.root, b.root), cmp.Compare(a.of, b.of))
	})
	out := map[int64]Root{}
	for i := range ends {
		if _, has := out[ends[i].of]; has {
			continue
		}
		r := ends[i].asRoot()
		out[ends[i].of] = r
		for todo := []int64{ends[i].of}; len(todo) > 0; {
			id := todo[len(todo)-1]
			todo = todo[:len(todo)-1]
			for _, reader := range readers[id] {
				if _, has := out[reader]; !has {
					out[reader] = r
					todo = append(todo, reader)
				}
			}
		}
	}
	return out
}

func (e *end) asRoot() Root { return newRoot(e.kind, e.root, e.cause()) }

// cause says what the matter is. Say goes by the words about a failed batch.
func (e *end) cause() string {
	switch {
	case e.kind == store.RootPath:
		return start(e.root, causeLimit-20) + " is not there"
	case e.kind == store.RootThird:
		return e.root + " has not been announced"
	case e.kind == store.RootAbsent:
		return e.root + " was never made"
	case e.node.State == batch.Running:
		return fmt.Sprintf("%s is running on %s", e.root, e.node.Host)
	case e.node.State == batch.Assigned:
		return fmt.Sprintf("%s was given to %s and has not begun", e.root, e.node.Host)
	case e.node.State != batch.Done:
		return e.root + " waits for its turn"
	}
	return e.ended()
}

func (e *end) ended() string {
	said := e.root + " was ended as " + e.node.Finish.String()
	switch e.node.Finish {
	case batch.Failed:
		said = e.root + wordFailed
	case batch.Lost:
		said = e.root + wordLost
	case batch.Killed:
		said = e.root + wordKilled
	case batch.Skipped:
		said = e.root + wordSkipped
	default:
	}
	if e.node.Host != "" {
		said += fmt.Sprintf(" in attempt %d on %s", e.node.Attempt, e.node.Host)
	}
	return said
}

// What has become of a batch, behind its name.
const (
	wordFailed  = " failed"
	wordLost    = " is lost"
	wordKilled  = " was killed"
	wordSkipped = " was skipped"
)

// absentName is how a batch that is not there is called: task/workNo, and the
// task alone where the newest batch is meant.
func absentName(task string, key store.ParentKey) string {
	if task == "" {
		task = strconv.FormatInt(key.TaskID, 10)
	}
	if key.WorkNo == "" {
		return task
	}
	return task + "/" + key.WorkNo
}
