package worker

import (
	"context"
	"net/http"
	"os/exec"
	"sync"
	"testing"

	"capricornus/common/logs"
	"capricornus/common/wire"
)

// BenchmarkEmptyScripts measures attempts a second from assignment to
// acknowledged result, and prints the rate of bare fork and exec beside it.
func BenchmarkEmptyScripts(b *testing.B) {
	m := emptyMaster()
	cfg := Default()
	cfg.Host, cfg.Masters, cfg.Token, cfg.Root = "w1", []string{"http://master"}, testToken, b.TempDir()
	cfg.OwnUser = true
	w, err := New(cfg, Deps{Log: logs.Discard(), HTTP: &http.Client{Transport: direct{m.handler()}}})
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- w.Run(ctx) }()
	<-w.heard
	b.ResetTimer()
	for i := 0; i < b.N; {
		m.mu.Lock()
		waiting, changed := len(m.assigned), m.changed
		m.mu.Unlock()
		if waiting > 50 {
			<-changed
			continue
		}
		i++
		m.assign(shell(int64(i), ":"))
	}
	for i := range b.N {
		awaitFinished(m, wire.Held{WorkID: int64(i + 1), Attempt: 1})
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "attempts/s")
	b.StopTimer()
	cancel()
	if err := <-done; err != nil {
		b.Fatal(err)
	}
}

func awaitFinished(m *master, key wire.Held) {
	for {
		m.mu.Lock()
		finished, changed := m.finished[key], m.changed
		m.mu.Unlock()
		if finished {
			return
		}
		<-changed
	}
}

// BenchmarkForkExec is the raw part of the above.
func BenchmarkForkExec(b *testing.B) {
	var workers sync.WaitGroup
	next := make(chan struct{})
	for range 2 {
		workers.Go(func() {
			for range next {
				if err := exec.Command("/bin/sh", "-c", ":").Run(); err != nil {
					b.Error(err)
				}
			}
		})
	}
	for range b.N {
		next <- struct{}{}
	}
	close(next)
	workers.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "attempts/s")
}
