package worker

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"capricornus/common/logs"
	"capricornus/common/wire"
	"capricornus/worker/httpcall"
	"capricornus/worker/keeper"
)

const roleVariable = "CAPRI_TEST_ROLE"

// TestMain lets this binary be a worker, a keeper or a call of its own, so that a test
// can kill one without dying with it.
func TestMain(m *testing.M) {
	switch os.Getenv(roleVariable) {
	case "worker":
		os.Exit(exitCode(roleWorker()))
	case "keeper":
		os.Exit(exitCode(keeper.Run(context.Background(), os.Args[len(os.Args)-1], keeper.Deps{Log: logs.New(os.Stderr, nil), Point: deathOf("keeper")})))
	case "talker":
		os.Exit(exitCode(roleTalker(os.Args[1], os.Args[2])))
	case "http-call":
		os.Exit(httpcall.Run(context.Background(), os.Args[len(os.Args)-1], net.DefaultResolver, os.Stdout))
	}
	goleak.VerifyTestMain(m)
}

func exitCode(err error) int {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func roleWorker() error {
	var cfg Config
	if err := json.Unmarshal([]byte(os.Getenv("CAPRI_TEST_CONFIG")), &cfg); err != nil {
		return err
	}
	w, err := New(cfg, Deps{Log: logs.New(os.Stderr, nil), Point: deathOf("worker")})
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	return w.Run(ctx)
}

func testConfig(t *testing.T, m *master) Config {
	t.Helper()
	cfg := Default()
	cfg.Host, cfg.Masters, cfg.Token = "w1", []string{m.server.URL}, testToken
	cfg.Root = t.TempDir()
	cfg.OwnUser = true
	cfg.Heartbeat, cfg.Grace, cfg.Drain = 200*time.Millisecond, 2*time.Second, 2*time.Second
	return cfg
}

// startWorker runs a worker in this process until the test or stop ends it.
func startWorker(t *testing.T, cfg Config) (w *Worker, stop func() error) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{}}
	w, err := New(cfg, Deps{Log: logs.New(t.Output(), nil), HTTP: client})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- w.Run(ctx) }()
	stopped := false
	stop = func() error {
		if stopped {
			return nil
		}
		stopped = true
		cancel()
		defer client.CloseIdleConnections()
		return <-done
	}
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Errorf("worker ended with %v", err)
		}
	})
	return w, stop
}

func shell(workID int64, script string) wire.Assignment {
	return wire.Assignment{
		WorkID: workID, Attempt: 1, Task: "etl", WorkNo: "20261120", Type: "shell",
		Script: script, Success: "exit-code", Env: map[string]string{"CAPRI_TASK": "etl", "CAPRI_ATTEMPT": "etl/20261120.0#1"},
	}
}

// processesOf counts living processes with a marker in their command line.
func processesOf(marker string) int {
	names, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	n := 0
	for _, name := range names {
		if text, err := os.ReadFile(name); err == nil && strings.Contains(string(text), marker) {
			n++
		}
	}
	return n
}

// waitForGo is a script that goes on when release says so.
const waitForGo = "while [ ! -e go ]; do sleep 0.02; done; "

func release(t *testing.T, cfg Config, workID int64) {
	t.Helper()
	work := fmt.Sprintf("%s/attempts/%d-1/work", cfg.Root, workID)
	awaitFile(t, work)
	if err := os.WriteFile(work+"/go", nil, 0o600); err != nil {
		t.Fatal(err)
	}
}

func awaitFile(t *testing.T, name string) {
	t.Helper()
	awaitThat(t, name, func() bool { _, err := os.Stat(name); return err == nil })
}

// awaitWritten waits for a line in a file.
func awaitWritten(t *testing.T, name string) {
	t.Helper()
	awaitThat(t, name, func() bool {
		text, err := os.ReadFile(name)
		return err == nil && strings.HasSuffix(string(text), "\n")
	})
}

// awaitThat waits for a condition outside this process, which nothing announces.
func awaitThat(t *testing.T, what string, holds func() bool) {
	t.Helper()
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	timeout := time.After(30 * time.Second)
	for !holds() {
		select {
		case <-ticker.C:
		case <-timeout:
			t.Fatalf("waited too long for %s", what)
		}
	}
}
