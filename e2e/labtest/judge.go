package labtest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"capricornus/common/batch"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
)

// Evidence is what a cluster is judged by: the scripts' journal, which nothing of
// Capricornus touches, the database, and what was promised.
type Evidence struct {
	Journal  []Line
	Ledger   storetest.Ledger
	Promised []Promise
	Tasks    []Task
	Until    time.Time // everything made up to here must be done
}

// tried is one attempt.
type tried struct {
	batch   string
	attempt int
}

// Violations judges. It is pure.
//
//   - an attempt starts and ends at most once, and ends after it has started;
//   - attempts of one batch do not overlap;
//   - no attempt starts without a row that grants it to that very host;
//   - a success has start and end of that attempt, which exited with 0;
//   - what was promised is there and done, and so is everything else made in time;
//   - every batch ended as its task does when nobody kills it;
//   - tasks with a clock have a batch for every time of it.
func (e Evidence) Violations() []string {
	var out verdicts
	e.judgeOrder(&out)
	e.judgeRows(&out)
	e.judgePromises(&out)
	e.judgeEnds(&out)
	e.judgeClock(&out)
	return out
}

type verdicts []string

func (v *verdicts) add(format string, args ...any) { *v = append(*v, fmt.Sprintf(format, args...)) }

// judgeOrder looks at the journal alone.
func (e Evidence) judgeOrder(out *verdicts) {
	began, ended, last := map[tried]int{}, map[tried]int{}, map[string]int{}
	for _, l := range e.Journal {
		key := tried{l.Batch, l.Attempt}
		if l.Kind == Overlap {
			out.add("%s#%d began on %s while a process of an attempt before it was there", l.Batch, l.Attempt, l.Host)
			continue
		}
		if l.Attempt < last[l.Batch] {
			out.add("%s of %s#%d comes after the start of attempt %d", l.Kind, l.Batch, l.Attempt, last[l.Batch])
		}
		last[l.Batch] = max(last[l.Batch], l.Attempt)
		switch l.Kind {
		case Began:
			began[key]++
			if began[key] == 2 {
				out.add("%s#%d started twice", l.Batch, l.Attempt)
			}
		case Ended:
			ended[key]++
			if ended[key] == 2 || began[key] == 0 {
				out.add("%s#%d ended %d times after %d starts", l.Batch, l.Attempt, ended[key], began[key])
			}
		}
	}
}

// judgeRows holds the journal against the attempts of the database.
func (e Evidence) judgeRows(out *verdicts) {
	refs, hosts := map[int64]string{}, map[tried]string{}
	for _, b := range e.Ledger.Batches {
		refs[b.ID] = b.Ref()
	}
	for _, a := range e.Ledger.Attempts {
		hosts[tried{refs[a.WorkID], a.Attempt}] = a.Host
	}
	for _, l := range e.Journal {
		host, granted := hosts[tried{l.Batch, l.Attempt}]
		if l.Kind == Began && !granted {
			out.add("%s#%d started on %s and no row grants it", l.Batch, l.Attempt, l.Host)
		}
		if granted && host != l.Host {
			out.add("%s of %s#%d on %s, which is granted to %s", l.Kind, l.Batch, l.Attempt, l.Host, host)
		}
	}
}

// judgePromises holds that no accepted start is lost.
func (e Evidence) judgePromises(out *verdicts) {
	byID := map[int64]storetest.LedgerBatch{}
	for _, b := range e.Ledger.Batches {
		byID[b.ID] = b
		if b.State != batch.Done && b.CreatedAt <= e.Until.UnixMilli() {
			out.add("%s is still %s in attempt %d on %q", b.Ref(), b.State, b.Attempt, b.Host)
		}
	}
	for _, p := range e.Promised {
		if b, there := byID[p.ID]; !there || b.Ref() != p.Ref {
			out.add("%s was promised as batch %d and is lost", p.Ref, p.ID)
		}
	}
}

// judgeEnds holds how batches ended against the journal and the exit codes.
func (e Evidence) judgeEnds(out *verdicts) {
	noted, codes := map[tried][2]int{}, map[int64]map[int]storetest.LedgerAttempt{}
	for _, l := range e.Journal {
		n := noted[tried{l.Batch, l.Attempt}]
		switch l.Kind {
		case Began:
			n[0]++
		case Ended:
			n[1]++
		}
		noted[tried{l.Batch, l.Attempt}] = n
	}
	for _, a := range e.Ledger.Attempts {
		if codes[a.WorkID] == nil {
			codes[a.WorkID] = map[int]storetest.LedgerAttempt{}
		}
		codes[a.WorkID][a.Attempt] = a
	}
	wants := map[string]batch.Finish{}
	for _, t := range e.Tasks {
		wants[t.Name] = t.want()
	}
	for _, b := range e.Ledger.Batches {
		want, known := wants[b.Task]
		if b.State != batch.Done || !known || b.CreatedAt > e.Until.UnixMilli() {
			continue // what is newer may have ended after the journal was read
		}
		if b.Finish != want {
			out.add("%s ended as %s (%s), want %s", b.Ref(), b.Finish, b.Message, want)
		}
		a := codes[b.ID][b.Attempt]
		if n := noted[tried{b.Ref(), b.Attempt}]; b.Finish == batch.Success && (n != [2]int{1, 1} || !a.HasExit || a.ExitCode != 0) {
			out.add("%s succeeded in attempt %d with %d starts, %d ends and exit code %d (%t)", b.Ref(), b.Attempt, n[0], n[1], a.ExitCode, a.HasExit)
		}
	}
}

// Judge fails the test when anything is wrong with the cluster: the invariants of
// its database (storetest.Check), and its journal held against database and
// promises. It is called when the cluster is quiet, and returns the evidence.
func (c *Cluster) Judge(loads ...*Load) Evidence {
	c.Helper()
	ctx := context.WithoutCancel(c.Context())
	e := Evidence{Tasks: c.tasks, Until: c.quietAt}
	for _, l := range loads {
		e.Promised = append(e.Promised, l.Promised()...)
	}
	e.Journal = c.Journal() // before the rows: a start must have been granted before it is noted
	var err error
	if e.Ledger, err = storetest.ReadLedger(ctx, c.DB); err != nil {
		c.Fatalf("%v", err)
	}
	found := e.Violations()
	invariants, err := storetest.Check(ctx, c.DB)
	if err != nil {
		c.Fatalf("%v", err)
	}
	for _, v := range invariants {
		found = append(found, v.String())
	}
	if len(found) > 0 {
		c.accuse(ctx, e, found)
	}
	return e
}

// accuse writes what is wrong, with the events of the batches concerned.
func (c *Cluster) accuse(ctx context.Context, e Evidence, found []string) {
	c.Helper()
	var text strings.Builder
	text.WriteString(strings.Join(found, "\n") + "\n")
	for _, b := range e.Ledger.Batches {
		if slices.ContainsFunc(found, func(v string) bool {
			return strings.Contains(v, b.Ref()) || strings.Contains(v, fmt.Sprintf("batch %d:", b.ID))
		}) {
			text.WriteString(c.story(ctx, e, b))
		}
	}
	c.write("violations", text.String(), 0o600)
	c.Fatalf("%d violations, see %s:\n%s", len(found), c.Dump(), strings.Join(found[:min(20, len(found))], "\n"))
}

// story is all that is known of a batch.
func (c *Cluster) story(ctx context.Context, e Evidence, b storetest.LedgerBatch) string {
	var text strings.Builder
	fmt.Fprintf(&text, "\n%s: %+v\n", b.Ref(), b)
	for _, l := range e.Journal {
		if l.Batch == b.Ref() {
			fmt.Fprintf(&text, "  journal %s %s#%d on %s, pid %d, %s\n", l.Kind, l.Batch, l.Attempt, l.Host, l.PID, clock(l.At))
		}
	}
	for _, a := range e.Ledger.Attempts {
		if a.WorkID == b.ID {
			fmt.Fprintf(&text, "  attempt %+v\n", a)
		}
	}
	for _, event := range c.eventsOf(ctx, b.ID) {
		fmt.Fprintf(&text, "  event %s %s attempt %d epoch %d %s\n", clock(time.UnixMilli(event.At)), event.Move, event.Attempt, event.Epoch, event.Detail)
	}
	return text.String()
}

func clock(at time.Time) string { return at.UTC().Format("15:04:05.000") }

// Late keeps the traces of a cluster that has done nothing wrong but took long:
// the batches that ended later than a while after they were made, and all that
// Dump has. It returns the directory.
func (c *Cluster) Late(e Evidence, than time.Duration) string {
	c.Helper()
	ctx := context.WithoutCancel(c.Context())
	var text strings.Builder
	for _, b := range e.Ledger.Batches {
		events := c.eventsOf(ctx, b.ID)
		if len(events) > 0 && events[len(events)-1].At-b.CreatedAt > than.Milliseconds() {
			text.WriteString(c.story(ctx, e, b))
		}
	}
	c.write("late", text.String(), 0o600)
	return c.keep("late")
}

func (c *Cluster) eventsOf(ctx context.Context, id int64) []store.Event {
	var all []store.Event
	_ = c.DB.View(ctx, func(t *store.ViewTx) (err error) {
		all, err = t.Events(ctx, id)
		return err
	})
	return all
}
