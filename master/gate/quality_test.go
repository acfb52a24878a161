package gate

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"capricornus/common/batch"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/common/task"
	"capricornus/common/wire"
)

func TestDecideQuality(t *testing.T) {
	t.Parallel()
	const now, minute = int64(10_000_000), int64(60_000)
	policy := func(onSilence string) task.Quality {
		return task.Quality{Enabled: true, OnSilence: onSilence, After: task.Duration(time.Minute)}
	}
	fresh := store.Work{GateSince: now}
	asked := store.Work{GateSince: now - 9*minute, QualityState: batch.QualitySent, QualitySentAt: now}
	silent := store.Work{GateSince: now - 9*minute, QualityState: batch.QualitySent, QualitySentAt: now - minute}
	never := store.Work{GateSince: now - minute, QualityTries: 3}
	cases := []struct {
		name   string
		work   store.Work
		policy string
		memory memory
		want   qualityStep
	}{
		{"ANewOneIsAskedAbout", fresh, "wait", memory{}, qualityStep{ask: true}},
		{"AndWakesWhenItsSilenceWouldEnd", fresh, "pass", memory{}, qualityStep{ask: true, at: now + minute}},
		{"OneThatFailedWaitsForItsNextTry", fresh, "wait", memory{again: now + 5}, qualityStep{at: now + 5}},
		{"AndIsTriedThen", fresh, "wait", memory{again: now}, qualityStep{ask: true}},
		{"TheEarlierOfBothInstantsCounts", fresh, "alert", memory{again: now + 2*minute}, qualityStep{at: now + minute}},
		{"OneThatWasAskedAboutWaits", asked, "wait", memory{}, qualityStep{}},
		{"SilenceRunsFromTheQuestion", asked, "pass", memory{}, qualityStep{at: now + minute}},
		{"WaitWaitsForEver", silent, "wait", memory{}, qualityStep{}},
		{"NoPolicyIsWait", silent, "", memory{}, qualityStep{}},
		{"PassPasses", silent, "pass", memory{}, qualityStep{silence: "pass"}},
		{"AlertTells", silent, "alert", memory{}, qualityStep{silence: "alert"}},
		{"AlertTellsOnce", silent, "alert", memory{told: true}, qualityStep{}},
		{"WhatWasNeverAskedIsSilentSinceTheGate", never, "pass", memory{again: now + 5}, qualityStep{silence: "pass"}},
		{"WhatWasNeverAskedIsToldAndTried", never, "alert", memory{}, qualityStep{silence: "alert", ask: true}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := decideQuality(&c.work, policy(c.policy), c.memory, now); got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

// service is a data-quality service that does what a test says.
type service struct {
	*httptest.Server
	mu     sync.Mutex
	asked  []wire.QualityQuestion
	answer func(w http.ResponseWriter, r *http.Request)
}

func newService(t *testing.T) *service {
	t.Helper()
	s := &service{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var q wire.QualityQuestion
		if err := json.NewDecoder(r.Body).Decode(&q); err != nil || r.Method != http.MethodPost {
			t.Errorf("got %s with %v, want a question", r.Method, err)
		}
		s.mu.Lock()
		s.asked = append(s.asked, q)
		answer := s.answer
		s.mu.Unlock()
		if answer != nil {
			answer(w, r)
		}
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *service) does(answer func(http.ResponseWriter, *http.Request)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = answer
}

func (s *service) questions() []wire.QualityQuestion {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.asked)
}

// qrig is a data-quality gate over a world.
type qrig struct {
	*storetest.World
	*Quality
	t       *testing.T
	service *service
	opened  int
	task    int64
}

func newQRig(t *testing.T, w *storetest.World, change ...func(*task.Quality)) *qrig {
	t.Helper()
	r := &qrig{World: w, t: t, service: newService(t)}
	r.Quality = NewQuality(QualityDeps{
		DB: w.DB, Defs: store.NewDefinitions(w.DB, 100), URL: r.service.URL + "/check?key=secret", Self: func() string { return "http://m1:8080" },
		Opened: func() { r.opened++ }, Zone: time.UTC, Log: slog.New(slog.DiscardHandler),
	})
	r.task = w.Define("gated", func(d *task.Task) {
		d.Spec.Quality = task.Quality{Enabled: true, OnSilence: "wait", After: task.Duration(30 * time.Minute)}
		for _, c := range change {
			c(&d.Spec.Quality)
		}
	})
	return r
}

// gated makes a batch that place has found before the gate.
func (r *qrig) gated(no string, change ...func(*store.NewBatch)) int64 {
	r.t.Helper()
	id := r.Batch(r.task, no, change...)
	r.Decide("gate", func(ctx context.Context, l *store.LeaderTx) error {
		return l.SetGates(ctx, []store.Gate{{ID: id, Code: string(batch.GateQuality), Message: batch.Message(batch.GateQuality)}})
	})
	return id
}

func (r *qrig) check() int {
	r.t.Helper()
	got, err := r.Check(r.t.Context(), r.Lead)
	if err != nil {
		r.t.Fatalf("check: got %v, want no error", err)
	}
	return got.Rows
}

// full is a pass at a tick, after every pause between tries.
func (r *qrig) full() int {
	r.t.Helper()
	for id, m := range r.known {
		m.again = 0
		r.known[id] = m
	}
	r.lookAtAll()
	return r.check()
}

func (r *qrig) want(what string, id int64, state, tries int) {
	r.t.Helper()
	w := r.Work(id)
	if w.QualityState != state || w.QualityTries != tries || (w.QualitySentAt > 0) != (state == batch.QualitySent) {
		r.t.Errorf("%s: got state %d at %d after %d failed tries, want state %d after %d", what, w.QualityState, w.QualitySentAt, w.QualityTries, state, tries)
	}
}

func (r *qrig) alerts(kind, level string) int {
	r.t.Helper()
	return r.Figure("SELECT COUNT(*) FROM capri_alert WHERE kind = ? AND level = ?", kind, level)
}

func TestTheServiceIsAskedOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newQRig(t, w)
		id := r.gated("20150518", func(b *store.NewBatch) {
			b.Inputs = nil
			b.Outputs = []store.NewPath{{Path: "file:///out", Ready: "exists"}}
		})
		waiting := r.Batch(r.task, "20150519") // place has not found it before the gate
		if n := r.full(); n != 1 {
			t.Errorf("got %d asked about, want one", n)
		}
		r.full()
		r.Met([]int64{id, waiting})
		r.check()
		r.want("asked", id, batch.QualitySent, 0)
		r.want("not before the gate", waiting, batch.QualityNone, 0)
		asked := r.service.questions()
		if len(asked) != 1 {
			t.Fatalf("got %d questions, want one", len(asked))
		}
		q, b := asked[0], r.Work(id)
		if q.Batch != "gated/20150518.0" || q.Task != "gated" || q.Project != "web" || q.WorkNo != "20150518" || q.Run != 0 || q.ScheduleTime != b.ScheduleTime ||
			q.BizStart != 1_699_900_000_000 || q.BizEnd != 1_700_000_000_000 || len(q.Inputs) != 0 || !slices.Equal(q.Outputs, []string{"file:///out"}) {
			t.Errorf("got %+v, want what describes the batch", q)
		}
		if q.Answer != "http://m1:8080/api/v1/quality/gated/20150518.0" {
			t.Errorf("got %s, want where the answer goes", q.Answer)
		}
	})
}

func TestAHintAsksAtOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newQRig(t, w)
		r.full()
		hinted, other := r.gated("20150518"), r.gated("20150519")
		r.Met([]int64{hinted})
		if n := r.check(); n != 1 {
			t.Errorf("got %d asked about, want the one hinted at", n)
		}
		r.want("hinted", hinted, batch.QualitySent, 0)
		r.want("not hinted", other, batch.QualityNone, 0)
	})
}

func TestAServiceThatFailsIsTriedAgainAndTold(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newQRig(t, w)
		id := r.gated("20150518")
		r.service.does(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) })
		for n := 1; n <= 5; n++ {
			r.full()
			if got := r.alerts("quality-unreachable", "critical"); got != min(n/4, 1) {
				t.Errorf("after %d tries: got %d alerts, want one from the fourth", n, got)
			}
		}
		r.want("failed", id, batch.QualityNone, 5)
		got, err := r.Check(t.Context(), r.Lead)
		if err != nil || len(r.service.questions()) != 5 {
			t.Errorf("got %d calls and %v, want none before its pause is over", len(r.service.questions()), err)
		}
		if until := time.Until(got.Next); until < 4*time.Minute || until > 5*time.Minute {
			t.Errorf("got the next try in %s, want it in five minutes", until)
		}
		text := r.Text("SELECT text FROM capri_alert WHERE kind = 'quality-unreachable'")
		if !strings.Contains(text, "503") || strings.Contains(text, "secret") {
			t.Errorf("got %q, want the service's answer and no secret", text)
		}
		r.service.does(nil)
		r.full()
		r.want("reached at last", id, batch.QualitySent, 5)
	})
}

func TestAServiceThatHangsIsGivenUpOn(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newQRig(t, w)
		r.http.Timeout = 50 * time.Millisecond
		release := make(chan struct{})
		t.Cleanup(func() { close(release) })
		r.service.does(func(_ http.ResponseWriter, q *http.Request) {
			select {
			case <-release:
			case <-q.Context().Done():
			}
		})
		var ids []int64
		for range qualityChunk + 4 {
			ids = append(ids, r.gated(time.Date(2015, 1, 1+len(ids), 0, 0, 0, 0, time.UTC).Format("20060102")))
		}
		r.full()
		tried := 0
		for _, id := range ids {
			tried += r.Work(id).QualityTries
		}
		if tried != qualityChunk {
			t.Errorf("got %d calls, want those of one chunk: nobody answered", tried)
		}
	})
}

func TestRedirectsAreRefused(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newQRig(t, w)
		id, elsewhere := r.gated("20150518"), newService(t)
		r.service.does(func(w http.ResponseWriter, q *http.Request) {
			http.Redirect(w, q, elsewhere.URL, http.StatusTemporaryRedirect)
		})
		r.full()
		r.want("redirected", id, batch.QualityNone, 1)
		if n := len(elsewhere.questions()); n != 0 {
			t.Errorf("got %d calls elsewhere, want none", n)
		}
	})
}

func TestAnAnswerThatComesBeforeTheCallReturnsStays(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newQRig(t, w)
		id := r.gated("20150518")
		r.service.does(func(http.ResponseWriter, *http.Request) {
			r.Operate("answer", func(ctx context.Context, o *store.OperateTx) error { return o.AnswerQuality(ctx, id, batch.QualityRun) })
		})
		r.full()
		r.want("answered", id, batch.QualityRun, 0)
	})
}

func TestSilence(t *testing.T) {
	t.Parallel()
	cases := []struct {
		policy   string
		state    int
		alerts   int
		released int
	}{
		{"wait", batch.QualitySent, 0, 0}, {"alert", batch.QualitySent, 1, 0}, {"pass", batch.QualityRun, 0, 1},
	}
	for _, c := range cases {
		t.Run(c.policy, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, w *storetest.World) {
				r := newQRig(t, w, func(q *task.Quality) { q.OnSilence = c.policy })
				id := r.gated("20150518")
				r.full()
				r.full()
				if r.Work(id).QualityState != batch.QualitySent || r.alerts("quality-silent", "task") != 0 || r.opened != 0 {
					t.Error("got something done before the time is over, want nothing")
				}
				r.Change("UPDATE capri_task_work SET qualitySentAt = qualitySentAt - 1800000 WHERE id = ?", id)
				r.full()
				r.full()
				got := r.Work(id)
				if got.QualityState != c.state || r.alerts("quality-silent", "task") != c.alerts || r.opened != c.released {
					t.Errorf("got state %d, %d alerts, opened %d times; want state %d, %d alerts, %d times",
						got.QualityState, r.alerts("quality-silent", "task"), r.opened, c.state, c.alerts, c.released)
				}
				if got.Message == "" || got.Gate != string(batch.GateQuality) {
					t.Errorf("got gate %q with %q, want both kept until place comes by", got.Gate, got.Message)
				}
				if n := r.Figure("SELECT COUNT(*) FROM capri_audit_log WHERE action = 'quality.run' AND actor = 'quality' AND source = 'silence' AND object = 'gated/20150518.0'"); n != c.released {
					t.Errorf("got %d audit rows, want %d", n, c.released)
				}
			})
		})
	}
}

func TestSilenceWithoutAService(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newQRig(t, w, func(q *task.Quality) { q.OnSilence = "pass" })
		r.URL = ""
		id := r.gated("20150518")
		r.task = w.Define("told", func(d *task.Task) {
			d.Spec.Quality = task.Quality{Enabled: true, OnSilence: "alert", After: task.Duration(30 * time.Minute)}
		})
		told := r.gated("20150518")
		r.full()
		r.want("nobody to ask", id, batch.QualityNone, 0)
		r.Change("UPDATE capri_task_work SET gateSince = gateSince - 1800000")
		r.full()
		r.want("silence", id, batch.QualityRun, 0)
		r.want("told", told, batch.QualityNone, 0)
		if text := r.Text("SELECT text FROM capri_alert WHERE kind = 'quality-silent'"); !strings.Contains(text, "capri quality set") {
			t.Errorf("got %q, want what an operator can do", text)
		}
	})
}

func TestWhatLeftTheGateIsForgotten(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newQRig(t, w)
		id := r.gated("20150518")
		r.full()
		if len(r.known) != 1 {
			t.Errorf("got %d known, want the one before the gate", len(r.known))
		}
		r.Change("UPDATE capri_task_work SET gate = 'BATCH_HELD' WHERE id = ?", id)
		r.full()
		if len(r.known) != 0 {
			t.Errorf("got %d known, want none", len(r.known))
		}
	})
}
