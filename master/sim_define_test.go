package master_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing/synctest"
	"time"

	"capricornus/common/batch"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/common/wire"
)

// define saves tasks, each written as its name and the inside of its spec:
// "h", "period: hour, maxRunning: 2".
func (c *cluster) define(pairs ...string) {
	c.t.Helper()
	var b strings.Builder
	b.WriteString("apiVersion: capri/v1\nkind: Project\nmetadata: {name: alpha, owner: admin}\n")
	for pair := range slices.Chunk(pairs, 2) {
		fmt.Fprintf(&b, "---\napiVersion: capri/v1\nkind: Task\nmetadata: {name: %s, project: alpha, owner: admin}\n", pair[0])
		fmt.Fprintf(&b, "spec: {run: {type: shell, script: \"true\"}, %s}\n", pair[1])
	}
	reply, err := c.admin.Apply(c.t.Context(), wire.ApplyRequest{Files: []wire.File{{Name: "test.yaml", Text: b.String()}}})
	c.must(err)
	if !reply.Applied {
		c.t.Fatalf("got findings %v of\n%s", reply.Findings, b.String())
	}
	synctest.Wait()
}

// at lets time go by until a wall time of the cluster's zone, written
// 2026-11-20 06:00:00.
func (c *cluster) at(wall string) {
	c.t.Helper()
	to, err := time.ParseInLocation(time.DateTime, wall, c.zone)
	c.must(err)
	if to.Before(time.Now()) {
		c.t.Fatalf("got to %s, want to be there before %s", time.Now().In(c.zone), wall)
	}
	c.pass(time.Until(to))
}

// batch reads the batch task/workNo; one that does not exist is nil.
func (c *cluster) batch(text string) *store.Batch {
	c.t.Helper()
	ref, err := batch.ParseRef(text)
	c.must(err)
	var b *store.Batch
	c.view(func(ctx context.Context, v *store.ViewTx) error {
		found, err := v.BatchByRef(ctx, ref)
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		b = &found
		return err
	})
	return b
}

// is wants batches to be in a state: waiting, assigned, running, or how they
// ended; or none for those that must not exist.
func (c *cluster) is(want string, refs ...string) {
	c.t.Helper()
	for _, ref := range refs {
		got := "none"
		if b := c.batch(ref); b != nil {
			got = b.State.String()
			if b.State == batch.Done {
				got = b.Finish.String()
			}
		}
		if got != want {
			c.t.Errorf("at %s got %s %s, want %s", time.Now().In(c.zone).Format(time.DateTime), ref, got, want)
		}
	}
}

// because wants a waiting batch to give a gate as a reason.
func (c *cluster) because(gate batch.GateCode, text string) {
	c.t.Helper()
	ref, err := batch.ParseRef(text)
	c.must(err)
	why, err := c.admin.Why(c.t.Context(), ref)
	c.must(err)
	if !slices.ContainsFunc(why.Gates, func(g wire.WhyGate) bool { return g.Code == string(gate) && isShut(g) }) {
		c.t.Errorf("at %s got %s: %q, want the gate %s", time.Now().In(c.zone).Format(time.DateTime), text, why.Summary, gate)
	}
}

// workNos lists the work numbers a task has batches for, in order.
func (c *cluster) workNos(task string) []string {
	c.t.Helper()
	var out []string
	c.view(func(ctx context.Context, v *store.ViewTx) error {
		f := store.BatchFilter{Task: task, Latest: true, Limit: 10000}
		all, err := v.Batches(ctx, f)
		for _, b := range all {
			out = append(out, b.WorkNo)
		}
		return err
	})
	slices.Sort(out)
	return out
}

// sound wants every invariant to hold and the journal to have no complaint.
func (c *cluster) sound() {
	c.t.Helper()
	for _, problem := range c.book.told() {
		c.t.Errorf("journal: %s", problem)
	}
	storetest.Sound(c.t, c.db)
}

// starts wants the starts of a task to be at these wall times, in order.
func (c *cluster) starts(task string, want ...string) {
	c.t.Helper()
	var got []string
	for _, l := range c.book.of(task) {
		got = append(got, l.start.In(c.zone).Format("2006-01-02 15:04:05"))
	}
	if !slices.Equal(got, want) {
		c.t.Errorf("got starts of %s at %v, want %v", task, got, want)
	}
}
