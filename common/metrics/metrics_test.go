package metrics_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"capricornus/common/metrics"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func scrape(t *testing.T, r *metrics.Registry) string {
	t.Helper()
	got := httptest.NewRecorder()
	r.Pages().ServeHTTP(got, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))
	if got.Code != http.StatusOK {
		t.Fatalf("got %d %s, want 200", got.Code, got.Body)
	}
	return got.Body.String()
}

func TestMasterShowsWhatHappenedAndWhatIs(t *testing.T) {
	t.Parallel()
	m := metrics.NewMaster("1.2.3", []string{"success"}, metrics.Sources{
		Now: func() []metrics.Sample {
			return []metrics.Sample{{Name: metrics.RaftLeader, Value: 1}, {Name: "capri_unheard_of"}, {Name: metrics.Batches, Labels: []string{"too few"}}}
		},
		Database: func(context.Context) ([]metrics.Sample, error) {
			return []metrics.Sample{{Name: metrics.QueueDepth, Labels: []string{"2"}, Value: 7}}, nil
		},
	})
	m.Call("GET /api/v1/batches", 200, time.Millisecond)
	m.Call("GET /api/v1/batches", 200, time.Millisecond)
	m.Ended("success", 2*time.Second)
	m.Ended("unheard-of", -time.Second)
	m.Dispatched(20 * time.Second)
	m.Started(200 * time.Millisecond)
	m.Sent("sms", "again")
	text := scrape(t, m.Registry)
	for _, line := range []string{
		`capri_build_info{version="1.2.3"} 1`,
		`capri_raft_leader 1`,
		`capri_queue_depth{priority="2"} 7`,
		`capri_metrics_stale 0`,
		`capri_http_requests_total{route="GET /api/v1/batches",status="200"} 2`,
		`capri_attempts_total{outcome="success"} 1`,
		`capri_attempts_total{outcome="other"} 1`,
		`capri_run_seconds_bucket{le="5"} 2`,
		`capri_dispatch_latency_seconds_bucket{le="30"} 1`,
		`capri_start_latency_seconds_bucket{le="0.5"} 1`,
		`capri_alert_send_total{channel="sms",result="again"} 1`,
		`capri_alert_send_total{channel="mail",result="failed"} 0`,
	} {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("got no line %q", line)
		}
	}
	if !strings.Contains(text, "go_goroutines") || strings.Contains(text, "unheard_of") {
		t.Error("got no figures of the Go runtime, or one that is in no list")
	}
	var nobody *metrics.Master
	nobody.Call("", 200, 0)
	nobody.Ended("", 0)
	nobody.Dispatched(0)
	nobody.Started(0)
	nobody.Sent("", "")
}

func TestFiguresOfTheDatabaseAreReadSeldomAndNeverWaitedForLong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var reads atomic.Int32
		var away atomic.Bool
		m := metrics.NewMaster("", nil, metrics.Sources{Database: func(ctx context.Context) ([]metrics.Sample, error) {
			reads.Add(1)
			if away.Load() {
				<-ctx.Done()
				return nil, errors.New("no database")
			}
			return []metrics.Sample{{Name: metrics.Masters, Value: 3}}, nil
		}})
		for range 5 {
			scrape(t, m.Registry)
		}
		if n := reads.Load(); n != 1 {
			t.Errorf("got %d readings for five scrapes, want 1", n)
		}
		<-time.After(16 * time.Second) // virtual
		away.Store(true)
		began := time.Now()
		text := scrape(t, m.Registry)
		if took := time.Since(began); took > 2*time.Second || !strings.Contains(text, "capri_masters 3\n") || !strings.Contains(text, "capri_metrics_stale 1\n") {
			t.Errorf("got after %s\n%s\nwant the last figures, said to be stale, within two seconds", took, text)
		}
		synctest.Wait()
		away.Store(false)
		if text := scrape(t, m.Registry); !strings.Contains(text, "capri_metrics_stale 0\n") {
			t.Error("got stale figures, want fresh ones as soon as the database is back")
		}
	})
}

func TestWorkerShowsItsHost(t *testing.T) {
	t.Parallel()
	w := metrics.NewWorker("1.2.3", func() metrics.HostFigures {
		return metrics.HostFigures{Slots: 4, Running: 1, Outbox: 2, Stalled: 3, FreeMemory: 8, FreeDisk: 16, Load: 0.5, Contact: time.Unix(100, 0)}
	})
	w.Ended("failed", time.Second)
	w.Hung(metrics.HungDownload)
	text := scrape(t, w.Registry)
	for _, line := range []string{
		"capri_host_slots 4", "capri_host_running 1", "capri_host_outbox_length 2", "capri_host_free_memory_bytes 8", "capri_host_load 0.5",
		"capri_host_last_contact_timestamp 100", `capri_host_attempts_total{outcome="failed"} 1`,
		"capri_host_stalled 3", `capri_host_hung_total{what="download"} 1`, `capri_host_hung_total{what="process"} 0`,
	} {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("got no line %q", line)
		}
	}
	var nobody *metrics.Worker
	nobody.Hung(metrics.HungProcess)
	nobody.Ended("", 0)
}

func TestListenerServesFiguresAndProfilesAlone(t *testing.T) {
	t.Parallel()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- metrics.NewMaster("", nil, metrics.Sources{}).ServeOn(ctx, listener) }()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for path, want := range map[string]int{
		"/metrics": 200, "/debug/pprof/": 200, "/debug/pprof/goroutine?debug=1": 200, "/debug/pprof/cmdline": 200,
		"/": 404, "/api/v1/batches": 404, "/healthz": 404, "/metrics/x": 404,
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+listener.Addr().String()+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		got, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, got.Body)
		_ = got.Body.Close()
		if got.StatusCode != want {
			t.Errorf("%s: got %d, want %d", path, got.StatusCode, want)
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Errorf("got %v, want a quiet end", err)
	}
}

func TestServeWithoutAnAddress(t *testing.T) {
	t.Parallel()
	if err := new(metrics.Registry).Serve(t.Context(), "", nil); err != nil {
		t.Error(err)
	}
}
