package chaos_test

import (
	"testing"

	"capricornus/e2e/labtest"
)

// The rig itself, on the loopback: what is killed is replaced, and what was
// promised runs.
func TestLeaderKilledOnTheLoopback(t *testing.T) {
	c := labtest.New(t, labtest.Options{})
	c.Start()
	c.Define(labtest.ManualTasks()...)
	load := c.StartLoad(20)
	c.Await("some promises", func() bool { return len(load.Promised()) > 20 })
	term := c.AwaitLeader()
	term.Leader.Kill()
	c.AwaitTermAfter(term.Epoch)
	term.Leader.Start()
	load.Stop()
	ended := map[string]bool{}
	c.Await("the end of everything promised", func() bool {
		for _, l := range c.Journal() {
			ended[l.Batch] = ended[l.Batch] || l.Kind == labtest.Ended
		}
		for _, p := range load.Promised() {
			if !ended[p.Ref] {
				return false
			}
		}
		return true
	})
}
