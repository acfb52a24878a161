package worker

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"capricornus/worker/run"
	"capricornus/worker/workdir"
)

const deathVariable = "CAPRI_TEST_DEATH"

// Victims of a death.
const (
	workerDies = "worker"
	keeperDies = "keeper"
	bothDie    = "both"
)

// death is an order to a worker or a keeper of these tests: when it comes to a
// point for the so-many-th time, somebody is killed.
type death struct {
	Role    string // who has to come there: worker or keeper
	Point   string
	Pass    int
	Victims string
	Root    string
	Passed  string // a file that gets a line for each point that is reached
}

func (d death) String() string {
	return fmt.Sprintf("%s %s #%d %s", d.Role, d.Point, d.Pass, d.Victims)
}

func (d death) variable(t *testing.T) string {
	t.Helper()
	text, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	return deathVariable + "=" + string(text)
}

// deathOf is what tells a process of these tests where it is: nothing unless a
// test wants it.
func deathOf(role string) run.Point {
	text := os.Getenv(deathVariable)
	if text == "" {
		return nil
	}
	var d death
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		panic(err)
	}
	var passed atomic.Int32
	return func(point string) {
		mine := d.Role == role && d.Point == point
		if mine && int(passed.Add(1)) == d.Pass {
			d.happen()
			return
		}
		d.note(role, point)
	}
}

func (d death) note(role, point string) {
	file, err := os.OpenFile(d.Passed, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return // the test is over
	}
	defer file.Close()
	_, _ = fmt.Fprintf(file, "%s %s\n", role, point)
}

// happen kills the victims. A keeper that outlives its worker here waits for the
// next worker first, so that both are at work on the same attempt.
func (d death) happen() {
	if d.Victims != d.Role {
		kill9Of(d.Root, other(d.Role))
	}
	d.note(d.Role, d.Point+" hit")
	if d.Victims != other(d.Role) {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	}
	if d.Role == keeperDies {
		untilWorkerIsBack(d.Root)
	}
}

func other(role string) string {
	if role == workerDies {
		return keeperDies
	}
	return workerDies
}

// kill9Of kills the worker or the keeper of a root, if its lock says that it lives.
func kill9Of(path, role string) {
	root, err := workdir.Open(path)
	if err != nil {
		return
	}
	defer root.Close()
	lock, alive := "lock", root.WorkerAlive
	if role == keeperDies {
		lock, alive = "keeper.lock", root.KeeperAlive
	}
	held, err := alive()
	if err != nil || !held {
		return
	}
	text, err := os.ReadFile(path + "/" + lock)
	var pid int
	if _, scanned := fmt.Sscan(string(text), &pid); err == nil && scanned == nil && pid > 1 && pid != os.Getpid() {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
}

func untilWorkerIsBack(path string) {
	root, err := workdir.Open(path)
	if err != nil {
		return
	}
	defer root.Close()
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	patience := time.After(20 * time.Second)
	for {
		if held, err := root.WorkerAlive(); held || err != nil {
			return
		}
		select {
		case <-ticker.C:
		case <-patience:
			return
		}
	}
}

// reached counts the lines of a file of points that are this one.
func reached(file, line string) int {
	text, _ := os.ReadFile(file)
	n := 0
	for l := range strings.Lines(string(text)) {
		if strings.TrimSuffix(l, "\n") == line {
			n++
		}
	}
	return n
}
