// Package labtest runs whole clusters of real processes and breaks them: several
// masters that elect, workers with their keepers, a MariaDB of the cluster's own,
// and scripts that write a journal, which is a witness that nothing of
// Capricornus touches. Faults are injected and healed by methods; each leaves a
// line in the cluster's event log.
//
// A test package uses it like this:
//
//	func TestMain(m *testing.M) { labtest.Main(m) }
//
//	func TestLeaderKilled(t *testing.T) {
//		c := labtest.New(t, labtest.Options{Network: labtest.NewNetwork(t)})
//		c.Start()
//		load := c.StartLoad(20)
//		leader := c.Leader()
//		leader.Kill()
//		leader.Start()
//		load.Stop()
//		c.Quiet(load)
//		c.Judge(load)
//	}
//
// Main runs the tests in namespaces of their own (network, mounts, processes),
// so that partitions and loop devices touch nothing of the machine and vanish
// with the test however it ends. Without a Network a cluster lives on the
// loopback and needs neither Main nor root; then there are no partitions. All
// waits are for conditions; a failed one fails the test and leaves a directory
// with everything that explains it.
package labtest

import (
	"context"
	"time"
)

// T is what a cluster asks of whoever uses it. Every testing.TB is one; a
// program that measures brings its own.
type T interface {
	Helper()
	Name() string
	Context() context.Context
	Logf(format string, args ...any)
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
	Failed() bool
	Cleanup(last func())
}

// patience is how long a condition may take before the test fails. It is no
// measure of speed: machines that run tests are busy.
const patience = 90 * time.Second

// until looks every few milliseconds until a condition holds, and says whether
// it did in time. It goes on when the test's own context has ended: clearing up
// waits, too.
func until(within time.Duration, holds func() bool) bool {
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	timeout := time.NewTimer(within)
	defer timeout.Stop()
	for !holds() {
		select {
		case <-ticker.C:
		case <-timeout.C:
			return holds()
		}
	}
	return true
}
