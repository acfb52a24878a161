package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// rates counts how many single batches can be read a second, by clients of
// which each waits for its answer.
func (l *large) rates(ctx context.Context) error {
	some, err := l.sample(ctx, 2000)
	if err != nil {
		return err
	}
	paths := batchPaths(some, "")
	for _, clients := range []int{1, 8, 32} {
		n, err := l.readsPerSecond(ctx, clients, 3*time.Second, paths)
		if err != nil {
			return err
		}
		fmt.Fprintf(os.Stdout, "%-66s %7.0f/s\n", fmt.Sprintf("GET one of %d batches, %d clients", len(paths), clients), n)
	}
	return nil
}

func (l *large) readsPerSecond(ctx context.Context, clients int, span time.Duration, paths []string) (float64, error) {
	var done atomic.Int64
	var wg sync.WaitGroup
	errs := make([]error, clients)
	begin := time.Now()
	for c := range clients {
		wg.Go(func() {
			line, err := dialLine(ctx, l.client.Base)
			if err != nil {
				errs[c] = err
				return
			}
			defer line.close()
			for i := c * 31; time.Since(begin) < span; i++ {
				if errs[c] = line.get(paths[i%len(paths)]); errs[c] != nil {
					return
				}
				done.Add(1)
			}
		})
	}
	wg.Wait()
	return float64(done.Load()) / time.Since(begin).Seconds(), firstError(errs...)
}

// rawLine is one connection that takes little of the processor: what is
// measured is the master, and both share two cores.
type rawLine struct {
	conn net.Conn
	in   *bufio.Reader
	host string
}

func dialLine(ctx context.Context, base string) (*rawLine, error) {
	host := strings.TrimPrefix(base, "http://")
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", host)
	if err != nil {
		return nil, err
	}
	return &rawLine{conn: conn, in: bufio.NewReaderSize(conn, 32<<10), host: host}, nil
}

func (l *rawLine) close() { _ = l.conn.Close() }

func (l *rawLine) get(path string) error {
	if _, err := fmt.Fprintf(l.conn, "GET %s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\n\r\n", path, l.host, adminToken); err != nil {
		return err
	}
	answer, err := http.ReadResponse(l.in, nil)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	_, err = io.Copy(io.Discard, answer.Body)
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("GET %s: %s", path, answer.Status)
	}
	return err
}

// loadRate is how many reads a second come in while batches run.
const loadRate = 300

// loadRounds is how often both are measured in turn: what else the machine does
// meets both alike.
const loadRounds = 3

// underLoad runs empty batches from end to end, alone and while people look.
func (l *large) underLoad(ctx context.Context, n int) error {
	paths, err := l.mixed(ctx)
	if err != nil {
		return err
	}
	if _, err := l.emptyBatches(ctx, n/4); err != nil { // warms up
		return err
	}
	var alone, busy []float64
	reads := timed{what: "those reads"}
	for range loadRounds {
		quiet, err := l.emptyBatches(ctx, n)
		if err != nil {
			return err
		}
		loud, err := l.whileLooking(ctx, n, paths, &reads)
		if err != nil {
			return err
		}
		alone, busy = append(alone, quiet), append(busy, loud)
	}
	slices.Sort(alone)
	slices.Sort(busy)
	a, b := alone[loadRounds/2], busy[loadRounds/2]
	fmt.Fprintf(os.Stdout, "%-66s %7.0f/s\n", fmt.Sprintf("%d empty batches end to end, median of %d", n, loadRounds), a)
	fmt.Fprintf(os.Stdout, "%-66s %7.0f/s %8.0f%%\n", fmt.Sprintf("the same under %d mixed reads a second", loadRate), b, 100*b/a)
	reads.print()
	return nil
}

// whileLooking runs n empty batches while reads come in.
func (l *large) whileLooking(ctx context.Context, n int, paths []string, reads *timed) (float64, error) {
	looking, stop := context.WithCancel(ctx)
	defer stop()
	finished := make(chan error, 1)
	go func() { finished <- l.steadily(looking, loadRate, paths, reads) }()
	rate, err := l.emptyBatches(ctx, n)
	stop()
	return rate, firstError(err, <-finished)
}

// emptyBatches runs n batches of a new task and returns how many a second.
func (l *large) emptyBatches(ctx context.Context, n int) (float64, error) {
	name := fmt.Sprintf("empty_%d", time.Now().UnixMilli())
	if err := l.apply(ctx, project+taskText(name, "hour", "", ":", 1000)); err != nil {
		return 0, err
	}
	from, to := hours(n)
	begin := time.Now()
	if err := l.coldStart(ctx, from, to, name); err != nil {
		return 0, err
	}
	if err := l.allDone(ctx, n); err != nil {
		return 0, err
	}
	return float64(n) / time.Since(begin).Seconds(), nil
}

// steadily reads at a rate until the context ends, over a few connections.
func (l *large) steadily(ctx context.Context, rate int, paths []string, reads *timed) error {
	const lines = 16
	var mu sync.Mutex
	var wg sync.WaitGroup
	errs := make([]error, lines)
	for c := range lines {
		wg.Go(func() {
			line, err := dialLine(ctx, l.client.Base)
			if err != nil {
				errs[c] = err
				return
			}
			defer line.close()
			tick := time.NewTicker(time.Second * lines / time.Duration(rate))
			defer tick.Stop()
			for i := c * 37; ; i++ {
				select {
				case <-ctx.Done():
					return
				case <-tick.C:
				}
				begin := time.Now()
				if errs[c] = line.get(paths[i%len(paths)]); errs[c] != nil {
					return
				}
				mu.Lock()
				reads.took = append(reads.took, time.Since(begin))
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return firstError(errs...)
}

// mixed is what people and programs ask for: single batches most, lists, why,
// and what else the interface has.
func (l *large) mixed(ctx context.Context) ([]string, error) {
	some, err := l.sample(ctx, 200)
	if err != nil {
		return nil, err
	}
	waiting, err := l.inState(ctx, "waiting")
	if err != nil {
		return nil, err
	}
	var out []string
	for i := range some {
		of := some[i : i+1]
		out = append(out, batchPaths(of, "")...)
		out = append(out, batchPaths(of, []string{"/why", "/events", "/attempts", "/depends"}[i%4])...)
		switch i % 5 {
		case 0:
			out = append(out, "/api/v1/batches?limit=50")
		case 1:
			out = append(out, "/api/v1/batches?limit=50&state=failed")
		case 2:
			out = append(out, "/api/v1/batches?limit=50&task="+some[i].Task)
		case 3:
			out = append(out, batchPaths(waiting[i%len(waiting):][:1], "/why")...)
		case 4:
			out = append(out, "/api/v1/batches?limit=50&project="+some[i].Project)
		}
	}
	return out, nil
}
