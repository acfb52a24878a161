package api

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"capricornus/common/batch"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/common/wire"
	"capricornus/master/identity"
	"capricornus/master/intake"
	"capricornus/master/plan"
	"capricornus/master/report"
	"capricornus/master/watch"
	"capricornus/master/why"
)

var update = flag.Bool("update", false, "rewrite golden files")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// services stands for the engine of duties.
type services struct {
	ran []string
	err error
}

func (s *services) RunNow(_ context.Context, name string) error {
	s.ran = append(s.ran, name)
	return s.err
}

func (s *services) Names() []string { return []string{"generate", "depend", "assign"} }

func (s *services) Intervals() map[string]time.Duration {
	return map[string]time.Duration{"generate": 30 * time.Second, "depend": 5 * time.Second}
}

// rig is a master's API over a real store, planner and intake.
type rig struct {
	t        testing.TB
	world    *storetest.World
	api      *api
	handler  http.Handler
	services *services
	planner  *plan.Planner
	leading  bool
	applied  atomic.Int32
	told     atomic.Int32
	dead     atomic.Int32
	switched atomic.Int32
	answered atomic.Int32
	members  *members
	request  string // id of all calls; empty: masters make one for each
	log      *bytes.Buffer
}

const leaderAddress = "http://m1:8080"

func newRig(t testing.TB) *rig {
	t.Helper()
	return newRigOn(t, storetest.SQLite)
}

func newRigOn(t testing.TB, engine string) *rig {
	t.Helper()
	db := storetest.Open(t, engine)
	r := &rig{t: t, world: storetest.NewWorld(t, db), services: &services{}, leading: true, members: threeMembers(), log: &bytes.Buffer{}}
	log := slog.New(slog.NewTextHandler(r.log, nil))
	defs := store.NewDefinitions(db, 1000)
	term, end := context.WithCancel(t.Context())
	t.Cleanup(end)
	in := intake.New(intake.Deps{
		DB: db, Defs: defs, Zone: time.UTC, Node: "m1", Log: log,
		Leader: func() (context.Context, string, bool) { return term, leaderAddress, r.leading },
		Notify: intake.Notify{Finished: func([]int64, []store.ParentKey) {}, Freed: func() {}},
	})
	r.planner = plan.New(db, defs, time.UTC, plan.Notify{Generated: func([]int64) {}, Operation: func() {}}, log)
	explainer := why.New(why.Config{DB: db, Defs: defs, Zone: time.UTC})
	watching := watch.New(watch.Deps{DB: db, Defs: defs, Zone: time.UTC, Reasons: explainer.Absences})
	made, err := newAPI(Deps{
		DB: db, Defs: defs, Zone: time.UTC, Node: "m1", Version: "1.2.3", Plans: r.planner, Intake: in,
		Why: explainer.Explain, Services: r.services,
		Leader: func() (string, string, bool) { return "m1", leaderAddress, true }, IsLeader: func() bool { return r.leading },
		Announced: func() { r.told.Add(1) }, Applied: func() { r.applied.Add(1) }, Dead: func() { r.dead.Add(1) }, Switched: func() { r.switched.Add(1) }, Answered: func() { r.answered.Add(1) },
		Missing: watching.MissingBatches, Log: log,
		Reports: report.New(report.Deps{
			DB: db, Zone: time.UTC, Why: explainer.Explain, Ahead: watching.Ahead,
			Cover: func(ctx context.Context, from, to time.Time, few int) (expected, missing int, gone []string, err error) {
				c, gone, err := watching.Cover(ctx, from, to, few)
				return c.Expected, c.Missing, gone, err
			},
		}),
		Members: r.members, Login: identity.Config{Cost: identity.Cost{Memory: 64, Time: 1}},
	})
	if err != nil {
		t.Fatal(err)
	}
	r.api, r.handler = made, made.handler()
	for _, role := range []string{"viewer", "developer", "operator", "admin", "superadmin", "worker"} {
		r.token(role, role, 0)
	}
	r.token("expired", "superadmin", 1)
	r.token("strange", "emperor", 0)
	return r
}

// token saves a token whose text is the name, for the admin user.
func (r *rig) token(name, role string, expiresAt int64) {
	r.t.Helper()
	ctx := r.t.Context()
	id := r.world.IDs(1)[0]
	err := r.world.DB.Operate(ctx, store.Actor{Kind: "person", ID: "admin"}, func(t *store.OperateTx) error {
		return t.PutToken(ctx, store.Token{ID: id, Hash: wire.TokenHash(name), Name: name, UserID: r.world.Owner, Role: role, ExpiresAt: expiresAt})
	})
	if err != nil {
		r.t.Fatal(err)
	}
}

// send makes one call with a token, none when it is empty.
func (r *rig) send(method, path, token string, body any) *httptest.ResponseRecorder {
	r.t.Helper()
	return serve(r.t, r.handler, request{method, path, token, body, r.request})
}

// request is one call of a test; its body is text, or a value to encode.
type request struct {
	method, path, token string
	body                any
	id                  string // of the request; empty: the master makes one
}

func serve(t testing.TB, handler http.Handler, call request) *httptest.ResponseRecorder {
	t.Helper()
	var reader io.Reader
	switch b := call.body.(type) {
	case nil:
	case string:
		reader = strings.NewReader(b)
	default:
		text, err := json.Marshal(b)
		if err != nil {
			t.Fatal(err)
		}
		reader = bytes.NewReader(text)
	}
	sent := httptest.NewRequestWithContext(t.Context(), call.method, call.path, reader)
	if call.token != "" {
		sent.Header.Set("Authorization", "Bearer "+call.token)
	}
	if call.id != "" {
		sent.Header.Set(headerRequest, call.id)
	}
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, sent)
	return recorder
}

// must makes a call that must succeed.
func (r *rig) must(method, path, token string, body, reply any) {
	r.t.Helper()
	got := r.send(method, path, token, body)
	if got.Code != http.StatusOK {
		r.t.Fatalf("%s %s: got %d %s, want 200", method, path, got.Code, got.Body)
	}
	if reply == nil {
		return
	}
	if err := json.Unmarshal(got.Body.Bytes(), reply); err != nil {
		r.t.Fatalf("%s %s: %v", method, path, err)
	}
}

// problem makes a call that must fail and returns its problem.
func (r *rig) problem(method, path, token string, body any) wire.Problem {
	r.t.Helper()
	got := r.send(method, path, token, body)
	var p wire.Problem
	if err := json.Unmarshal(got.Body.Bytes(), &p); err != nil {
		r.t.Fatalf("%s %s: got %d %s, want a problem", method, path, got.Code, got.Body)
	}
	if kind := got.Header().Get("Content-Type"); kind != problemType || p.Status != got.Code || p.Code == "" || p.Title == "" || p.Type == "" || p.Detail == "" {
		r.t.Errorf("%s %s: got %d %s %s, want a whole problem", method, path, got.Code, kind, got.Body)
	}
	return p
}

// apply saves task files that must be right.
func (r *rig) apply(texts ...string) wire.ApplyReply {
	r.t.Helper()
	req := wire.ApplyRequest{}
	for _, text := range texts {
		req.Files = append(req.Files, wire.File{Name: "tasks.yaml", Text: text})
	}
	var reply wire.ApplyReply
	r.must(http.MethodPost, "/api/v1/tasks/apply", "operator", req, &reply)
	if !reply.Applied {
		r.t.Fatalf("apply: got %+v, want it applied", reply)
	}
	return reply
}

// batchID reads a batch's id.
func (r *rig) batchID(ref string) int64 {
	r.t.Helper()
	parsed, err := batch.ParseRef(ref)
	if err != nil {
		r.t.Fatal(err)
	}
	var b store.Batch
	err = r.world.DB.View(r.t.Context(), func(t *store.ViewTx) (err error) {
		b, err = t.BatchByRef(r.t.Context(), parsed)
		return err
	})
	if err != nil {
		r.t.Fatalf("%s: %v", ref, err)
	}
	return b.ID
}

// coldStart makes batches of a range by plan and apply.
func (r *rig) coldStart(period, from, to string, tasks ...string) {
	r.t.Helper()
	var p wire.Plan
	r.must(http.MethodPost, "/api/v1/plans", "superadmin", wire.PlanRequest{Kind: "coldstart", Period: period, From: from, To: to, Tasks: tasks, Reason: "test"}, &p)
	r.must(http.MethodPost, "/api/v1/plans/"+jsonNumber(p.ID)+"/apply", "superadmin", wire.ApplyPlanRequest{Fingerprint: p.Fingerprint}, nil)
	for range 3 {
		if _, err := r.planner.CreateBatches(r.t.Context(), r.world.Lead); err != nil {
			r.t.Fatal(err)
		}
	}
}

func jsonNumber(n int64) string {
	text, _ := json.Marshal(n)
	return string(text)
}

// beat says that a worker is there, with the address of its logs.
func (r *rig) beat(address string) {
	r.t.Helper()
	r.must(http.MethodPost, wire.PathHeartbeat, "worker", wire.Heartbeat{
		Host: storetest.Host, Incarnation: storetest.Incarnation, Address: address, Group: "default", Labels: map[string]string{"disk": "ssd"},
		Version: "1.2.3", Slots: 4, CheckInterval: 30_000, StartedAt: 1, Vitals: wire.Vitals{Memory: 8 << 30, FreeMemory: 4 << 30, FreeDisk: 100 << 30, Load: 0.5},
	}, nil)
}

// run takes a waiting batch through its first attempt by the facts of its worker.
func (r *rig) run(id int64, end *wire.Fact) {
	r.t.Helper()
	if err := r.world.Assign(storetest.Host, id); err != nil {
		r.t.Fatal(err)
	}
	facts := []wire.Fact{{Kind: wire.FactStarted}}
	if end != nil {
		facts = append(facts, *end)
	}
	for i := range facts {
		facts[i].WorkID, facts[i].Attempt, facts[i].Host, facts[i].Incarnation = id, 1, storetest.Host, storetest.Incarnation
	}
	var reply wire.FactsReply
	r.must(http.MethodPost, wire.PathFacts, "worker", wire.FactsRequest{Facts: facts}, &reply)
	for i, v := range reply.Verdicts {
		if v != wire.VerdictOK {
			r.t.Fatalf("fact %s: got verdict %s, want ok", facts[i].Kind, v)
		}
	}
}

// golden compares text with a file of testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s: got\n%s\nwant\n%s\nrun the test with -update if this is meant", path, got, want)
	}
}

const taskFiles = `apiVersion: capri/v1
kind: Project
metadata: {name: weblog, title: Web log, department: data}
---
apiVersion: capri/v1
kind: Task
metadata: {name: ods_access_h, title: Hourly access, project: weblog, owner: admin}
spec:
  period: hour
  valid: {from: 1999-12-01}
  outputs: [{path: "file:///ods/access/{{ biz yyyyMMddHH }}"}]
  run: {type: shell, script: "true"}
---
apiVersion: capri/v1
kind: Task
metadata: {name: dwd_access_d, title: Daily access, project: weblog, owner: admin}
spec:
  period: day
  valid: {from: 1999-12-01}
  priority: 2
  timeouts: {output: "07:30"}
  inputs: [{path: "file:///raw/users/{{ biz_date }}", ready: exists}]
  thirdParties: [{code: pay-settle, key: "{{ biz_date }}"}]
  parents:
    - {task: ods_access_h, range: [-2, 0]}
    - {task: dwd_access_d, offset: -1}
  run: {type: shell, script: "echo {{ biz_date }}"}
---
apiVersion: capri/v1
kind: Task
metadata: {name: tidy, project: weblog, owner: admin}
spec: {period: manual, retry: {times: 0}, run: {type: shell, script: "true"}}
---
apiVersion: capri/v1
kind: Task
metadata: {name: beat, project: weblog, owner: admin}
spec: {period: cron, cron: "*/10 * * * *", enabled: false, run: {type: shell, script: "true"}}
`
