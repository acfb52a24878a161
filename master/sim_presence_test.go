package master_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"capricornus/common/store"
	"capricornus/master/election"
)

// causes are terms that tell why each of them ended.
type causes struct {
	election.Terms

	ends *endings
}

// Run implements election.Terms.
func (c causes) Run(ctx context.Context, lead election.Lead) error {
	return c.Terms.Run(ctx, func(ctx context.Context, t *election.Term) error {
		err := lead(ctx, t)
		c.ends.add(context.Cause(t.Context()))
		return err
	})
}

// endings are why terms ended, in order.
type endings struct {
	mu  sync.Mutex
	all []error
}

func (e *endings) add(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.all = append(e.all, err)
}

func (e *endings) last() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.all) == 0 {
		return nil
	}
	return e.all[len(e.all)-1]
}

// seats are the masters of a simulated cluster, as raft would know them.
type seats []string

func (s seats) Status() election.Status {
	st := election.Status{Raft: "raft:1", State: "leader", RaftTerm: 7, LastIndex: 12, Applied: 11, Refused: "because"}
	for _, name := range s {
		st.Members = append(st.Members, election.Member{Node: name})
	}
	return st
}

func (seats) Transfer(context.Context, string) error     { return errors.ErrUnsupported }
func (seats) Join(context.Context, string, string) error { return errors.ErrUnsupported }
func (seats) Remove(context.Context, string) error       { return errors.ErrUnsupported }

// masterRow is what a master said of itself last.
func (c *cluster) masterRow(name string) store.Master {
	c.t.Helper()
	var row store.Master
	c.view(func(ctx context.Context, v *store.ViewTx) error {
		all, err := v.Masters(ctx)
		for _, m := range all {
			if m.ID == name {
				row = m
			}
		}
		return err
	})
	return row
}

func TestSimMastersDescribeThemselves(t *testing.T) {
	t.Parallel()
	simulate(t, setup{}, func(t *testing.T, c *cluster) {
		c.members = seats{"m1", "m2"}
		c.startMaster("m2")
		c.pass(1500 * time.Millisecond)
		leader, follower := c.masterRow("m1"), c.masterRow("m2")
		if !leader.IsLeader || leader.Epoch != 1 || leader.State != "leader" || leader.Address != "http://m1" {
			t.Errorf("got %+v, want m1 leading epoch 1", leader)
		}
		if age := time.Since(time.UnixMilli(leader.LastSeen)); age > time.Second {
			t.Errorf("got a row of the leader that is %s old, want one each second", age)
		}
		want := store.Master{
			ID: "m2", Address: "http://m2", Version: "sim", LastSeen: follower.LastSeen, RaftAddress: "raft:1", State: "leader", RaftTerm: 7, AppliedIndex: 11,
			LastIndex: 12, StartedAt: time.Now().Add(-1500 * time.Millisecond).UnixMilli(), Refused: "because", CallKey: follower.CallKey,
		}
		if follower != want || len(follower.CallKey) != 64 || follower.CallKey == leader.CallKey {
			t.Errorf("got %+v, want %+v with a key of its own", follower, want)
		}
		c.elect("m2")
		if was, is := c.masterRow("m1"), c.masterRow("m2"); was.IsLeader || was.Epoch != 0 || !is.IsLeader || is.Epoch != 2 {
			t.Errorf("got %+v and %+v at once after the change, want m2 leading epoch 2 alone", was, is)
		}
		c.stopMaster("m2")
		if row := c.masterRow("m2"); row.IsLeader {
			t.Errorf("got %+v of a master that was stopped, want it leading no more", row)
		}
	})
}

// TestSimLeaderWithoutADatabase holds the one connection that writes, so that
// nothing else gets to write: a database that hangs.
func TestSimLeaderWithoutADatabase(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		members seats
		want    error
	}{
		"Alone":      {seats{"m1"}, nil},
		"WithOthers": {seats{"m1", "m2", "m3"}, election.ErrDatabase},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			simulate(t, setup{}, func(t *testing.T, c *cluster) {
				c.stopMaster("m1")
				c.members = test.members
				c.startMaster("m1")
				c.elect("m1")
				c.pass(10 * time.Second)
				before := c.ends.last()
				tx, err := c.db.Raw().BeginTx(t.Context(), nil)
				c.must(err)
				c.pass(3900 * time.Millisecond)
				if err := c.ends.last(); !errors.Is(err, before) {
					t.Errorf("got the term ended by %v after less than the grace, want it going on", err)
				}
				c.pass(1200 * time.Millisecond)
				if test.want == nil && !errors.Is(c.ends.last(), before) || test.want != nil && !errors.Is(c.ends.last(), test.want) {
					t.Errorf("got the term ended by %v, want %v", c.ends.last(), test.want)
				}
				c.pass(time.Minute)
				c.must(tx.Rollback())
				c.pass(10 * time.Second)
				if row := c.masterRow("m1"); time.Since(time.UnixMilli(row.LastSeen)) > 10*time.Second || row.IsLeader != (test.want == nil) {
					t.Errorf("got row %+v after the database was back, want it fresh", row)
				}
			})
		})
	}
}

// TestSimFencedLeaderEndsWithinASecond has another master claim while the
// leader hears nothing of it and has nothing to do.
func TestSimFencedLeaderEndsWithinASecond(t *testing.T) {
	t.Parallel()
	simulate(t, setup{stretch: 1}, func(t *testing.T, c *cluster) {
		c.startMaster("m2")
		c.pass(10 * time.Second)
		c.must(c.terms.Usurp("m2"))
		synctest.Wait()
		c.pass(1100 * time.Millisecond)
		if err := c.ends.last(); !errors.Is(err, store.ErrFenced) {
			t.Errorf("got the old term ended by %v, want by the fence", err)
		}
	})
}
