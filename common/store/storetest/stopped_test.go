package storetest

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"capricornus/common/store"
)

// successor bounds what a leader that stands still may cost the next one.
const successor = 20 * time.Second

// TestStoppedLeader stops a process that leads, inside a transaction that
// holds a batch and the fence. The next leader gets both; when the old one goes
// on, nothing of its transaction is there.
func TestStoppedLeader(t *testing.T) {
	t.Parallel()
	for _, engine := range Engines(t) {
		if engine == SQLite {
			continue // one host: masters of one file
		}
		for name, pages := range map[string]int{"BetweenTwoStatements": 1, "InTheMiddleOfAWideTransaction": 400} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				stoppedLeader(t, pages)
			})
		}
	}
}

func stoppedLeader(t *testing.T, pages int) {
	t.Helper()
	cfg := Fresh(t, MySQL)
	w := NewWorld(t, migrated(t, cfg))
	task := w.Task()
	locked := w.Batch(task, "20150518")
	h := holder{DSN: cfg.DSN, Epoch: w.Lead.Epoch(), Lock: locked, WaitsAt: pages - 1}
	for i := range pages {
		h.Pages = append(h.Pages, []store.NewBatch{w.Draft(task, fmt.Sprintf("9%07d", i))})
	}
	child := startHolder(t, h)
	child.await("page")
	child.signal(syscall.SIGSTOP)

	takeOver(t, w, cfg, locked)
	child.signal(syscall.SIGCONT)
	_, err := io.WriteString(child.in, "\n")
	w.ok("let it go on", err)
	if end := child.await("committed", "refused:"); !strings.HasPrefix(end, "refused:") {
		t.Errorf("got %q of the stopped leader, want its transaction refused", end)
	}
	wantEqual(t, "batches of the stopped leader", w.figure("SELECT COUNT(*) FROM capri_task_work WHERE workNo LIKE '9%'"), 0)
	Sound(t, w.DB)
}

// takeOver lets another process lead, and write to a batch that the old one had locked.
func takeOver(t *testing.T, w *World, cfg store.Config, locked int64) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), successor)
	defer cancel()
	next := Connect(t, cfg)
	epoch, err := next.Claim(ctx, store.Claim{ClusterID: "cluster", RaftIndex: 2, Holder: "m2"})
	w.ok("claim of the next leader", err)
	w.DB, w.Lead = next, next.Lead(epoch, "m2")
	w.ok("write to what the old leader had locked", w.Assign(Host, locked))
}

type child struct {
	t     *testing.T
	cmd   *exec.Cmd
	in    io.Writer
	lines chan string
}

func startHolder(t *testing.T, h holder) *child {
	t.Helper()
	order, err := json.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), os.Args[0])
	cmd.Env = append(os.Environ(), holderEnv+"=1")
	cmd.Stderr = t.Output()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := in.Write(append(order, '\n')); err != nil {
		t.Fatal(err)
	}
	c := &child{t: t, cmd: cmd, in: in, lines: make(chan string, 10_000)}
	go func() {
		defer close(c.lines)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			c.lines <- lines.Text()
		}
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		for range c.lines { // until its output has ended
		}
		_ = cmd.Wait()
	})
	return c
}

func (c *child) signal(s os.Signal) {
	c.t.Helper()
	if err := c.cmd.Process.Signal(s); err != nil {
		c.t.Fatal(err)
	}
}

// await returns the first line that begins with one of the words.
func (c *child) await(words ...string) string {
	c.t.Helper()
	limit := time.NewTimer(30 * time.Second)
	defer limit.Stop()
	for {
		select {
		case line, ok := <-c.lines:
			if !ok {
				c.t.Fatalf("the other process ended, want it to say one of %q", words)
			}
			for _, word := range words {
				if strings.HasPrefix(line, word) {
					return line
				}
			}
		case <-limit.C:
			c.t.Fatalf("got nothing of %q in 30 s, want it", words)
		}
	}
}
