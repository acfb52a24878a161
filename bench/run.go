package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

const project = `apiVersion: capri/v1
kind: Project
metadata: {name: bench}
---
`

func taskText(name, period, parents, script string, maxRunning int) string {
	return fmt.Sprintf(`apiVersion: capri/v1
kind: Task
metadata: {name: %s, project: bench, owner: admin}
spec:
  period: %s
  maxRunning: %d
  parents: [%s]
  run: {type: shell, script: %q}
`, name, period, maxRunning, parents, script)
}

// hours is a closed range of n hours in the past, as work numbers.
func hours(n int) (from, to string) {
	end := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	return end.Add(-time.Duration(n-1) * time.Hour).Format("2006010215"), end.Format("2006010215")
}

// benchBatches runs empty shell batches end to end, against bare fork+exec of sh.
func benchBatches(ctx context.Context, e engine, o options) (err error) {
	c, err := startCluster(ctx, e)
	if err != nil {
		return err
	}
	defer func() { err = firstError(err, c.stop()) }()
	if err := c.apply(ctx, project+taskText("empty", "hour", "", ":", 1000)); err != nil {
		return err
	}
	ours, err := c.emptyRun(ctx, o.batches)
	if err != nil {
		return err
	}
	raw, err := bareForks(ctx, o.batches)
	if err != nil {
		return err
	}
	rate(e, fmt.Sprintf("%d empty batches end to end", o.batches), o.batches, ours, raw)
	return nil
}

// emptyRun runs n batches of the task named empty and tells how long they took.
func (c *cluster) emptyRun(ctx context.Context, n int) (time.Duration, error) {
	from, to := hours(n)
	begin := time.Now()
	if err := c.coldStart(ctx, from, to, "empty"); err != nil {
		return 0, err
	}
	err := c.allDone(ctx, n)
	return time.Since(begin), err
}

func (c *cluster) allDone(ctx context.Context, n int) error {
	return until(ctx, func() (bool, error) {
		ops, err := c.client.Operations(ctx, "", 1)
		if err != nil || len(ops.Items) == 0 {
			return false, err
		}
		if ops.Items[0].Failed > 0 {
			return false, fmt.Errorf("%d batches failed", ops.Items[0].Failed)
		}
		return ops.Items[0].Done == n, nil
	})
}

// bareForks runs sh n times, two at once.
func bareForks(ctx context.Context, n int) (time.Duration, error) {
	begin := time.Now()
	var wg sync.WaitGroup
	errs := make([]error, 2)
	for half := range 2 {
		wg.Go(func() {
			for range n / 2 {
				if err := exec.CommandContext(ctx, "sh", "-c", ":").Run(); err != nil {
					errs[half] = err
					return
				}
			}
		})
	}
	wg.Wait()
	return time.Since(begin), firstError(errs...)
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// pipe is a FIFO that scripts write a line to with a shell builtin: the moment
// it arrives is the moment the script's process ran.
type pipe struct {
	path  string
	lines chan line
	file  *os.File
}

type line struct {
	text string
	at   time.Time
}

func newPipe(dir string) (*pipe, error) {
	p := &pipe{path: filepath.Join(dir, "pipe"), lines: make(chan line, 10000)}
	if err := syscall.Mkfifo(p.path, 0o600); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(p.path, os.O_RDWR, 0) // both ends, so that it never ends
	if err != nil {
		return nil, err
	}
	p.file = file
	go func() {
		in := bufio.NewScanner(file)
		for in.Scan() {
			p.lines <- line{text: in.Text(), at: time.Now()}
		}
	}()
	return p, nil
}

func (p *pipe) next(ctx context.Context) (line, error) {
	select {
	case l := <-p.lines:
		return l, nil
	case <-time.After(20 * time.Second):
		return line{}, fmt.Errorf("nothing arrived for 20 s")
	case <-ctx.Done():
		return line{}, ctx.Err()
	}
}

// benchTrigger measures from the call that triggers to the script running.
func benchTrigger(ctx context.Context, e engine, o options) (err error) {
	c, err := startCluster(ctx, e)
	if err != nil {
		return err
	}
	defer func() { err = firstError(err, c.stop()) }()
	p, err := newPipe(c.dir)
	if err != nil {
		return err
	}
	defer func() { _ = p.file.Close() }()
	if err := c.apply(ctx, project+taskText("once", "manual", "", "echo started > "+p.path, 1000)); err != nil {
		return err
	}
	var took []time.Duration
	for range o.links {
		begin := time.Now()
		if _, err := c.client.RunTask(ctx, "once"); err != nil {
			return err
		}
		l, err := p.next(ctx)
		if err != nil {
			return err
		}
		took = append(took, l.at.Sub(begin))
	}
	raw, err := bareStart(ctx, p, o.links)
	if err != nil {
		return err
	}
	quantiles(e, "trigger → process runs", took, raw)
	return nil
}

// bareStart is the same echo by a bare sh.
func bareStart(ctx context.Context, p *pipe, n int) ([]time.Duration, error) {
	var took []time.Duration
	for range n {
		begin := time.Now()
		if err := exec.CommandContext(ctx, "sh", "-c", "echo started > "+p.path).Run(); err != nil { //nolint:gosec // our own pipe
			return nil, err
		}
		l, err := p.next(ctx)
		if err != nil {
			return nil, err
		}
		took = append(took, l.at.Sub(begin))
	}
	return took, nil
}

func quantiles(e engine, what string, ours, raw []time.Duration) {
	slices.Sort(ours)
	slices.Sort(raw)
	for _, q := range []int{50, 99} {
		a, b := ours[len(ours)*q/100], raw[len(raw)*q/100]
		fmt.Fprintf(os.Stdout, "%-10s %-34s %11.1f ms %11.1f ms %7.1fx\n", e.name, what+", p"+strconv.Itoa(q), ms(a), ms(b), float64(a)/float64(b))
	}
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// benchChain runs a chain in which each batch waits for the one before it.
func benchChain(ctx context.Context, e engine, o options) (err error) {
	c, err := startCluster(ctx, e)
	if err != nil {
		return err
	}
	defer func() { err = firstError(err, c.stop()) }()
	p, err := newPipe(c.dir)
	if err != nil {
		return err
	}
	defer func() { _ = p.file.Close() }()
	text := project + taskText("link", "hour", "{task: link, offset: -1}", "echo $CAPRI_WORK_NO > "+p.path, 10)
	if err := c.apply(ctx, text); err != nil {
		return err
	}
	from, to := hours(o.links)
	if err := c.coldStart(ctx, from, to, "link"); err != nil {
		return err
	}
	var took []time.Duration
	var before line
	for i := range o.links {
		l, err := p.next(ctx)
		if err != nil {
			return err
		}
		if i > 0 {
			took = append(took, l.at.Sub(before.at))
			if strings.Compare(l.text, before.text) <= 0 {
				return fmt.Errorf("%s ran after %s", l.text, before.text)
			}
		}
		before = l
	}
	raw, err := bareStart(ctx, p, o.links)
	if err != nil {
		return err
	}
	quantiles(e, "parent runs → child runs", took, raw)
	return nil
}
