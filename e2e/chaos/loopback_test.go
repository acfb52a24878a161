package chaos_test

import (
	"testing"

	"capricornus/e2e/labtest"
)

// The rig itself, on the loopback: what is killed is replaced, and what was
// promised runs.
func TestLeaderKilledOnTheLoopback(t *testing.T) {
	labtest.NeedDatabase(t)
	t.Parallel()
	c := labtest.New(t, labtest.Options{})
	c.Start()
	c.Define(append(labtest.ManualTasks(), labtest.TimedTasks()...)...)
	load := c.StartLoad(20)
	c.Await("some promises", func() bool { return len(load.Promised()) > 20 })
	term := c.AwaitLeader()
	term.Leader.Kill()
	c.AwaitTermAfter(term.Epoch)
	term.Leader.Start()
	load.Stop()
	c.Quiet()
	c.Judge(load)
}
