package api

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"capricornus/common/fault"
	"capricornus/common/store"
	"capricornus/common/wire"
)

// The documented calls, as curl sends them: the body that -d gives, and the
// content type of a form.
const (
	createCall = `{"name":"create-http-job-1", "expr": "0/5 * * * * *","command":{"type":"shell", "target":"echo hello"}}`
	listCall   = `{"page": 0,"size": 1}`
)

// curl makes a call as curl -d does, with a header for the token.
func (r *rig) curl(path, body, header, value string) *httptest.ResponseRecorder {
	r.t.Helper()
	sent := httptest.NewRequestWithContext(r.t.Context(), http.MethodPost, path, strings.NewReader(body))
	sent.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	sent.Header.Set(header, value)
	recorder := httptest.NewRecorder()
	r.handler.ServeHTTP(recorder, sent)
	return recorder
}

func TestTheDocumentedCalls(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for i, header := range []string{"Authorization", "X-Token", "token"} {
		value := "developer"
		if header == "Authorization" {
			value = "Bearer developer"
		}
		got := r.curl(wire.PathCreateJob, createCall, header, value)
		if want := fmt.Sprintf(`"created":%v`, i == 0); got.Code != http.StatusOK || !strings.Contains(got.Body.String(), `"code":0`) || !strings.Contains(got.Body.String(), want) {
			t.Errorf("%s: got %d %s, want %s", header, got.Code, got.Body, want)
		}
	}
	if r.applied.Load() != 1 {
		t.Errorf("got %d wakes, want one for the one task", r.applied.Load())
	}
	var detail wire.TaskDetail
	var reply wire.TanzhiReply[wire.CreatedJob]
	r.must(http.MethodPost, wire.PathCreateJob, "developer", createCall, &reply)
	r.must(http.MethodGet, "/api/v1/tasks/"+reply.Data.Task, "viewer", nil, &detail)
	if detail.Title != "create-http-job-1" || detail.Project != "jobs" || detail.Owner != "admin" || detail.Cron != "0/5 * * * * *" || !detail.Enabled {
		t.Errorf("got %+v, want the job's task", detail)
	}
	got := r.curl(wire.PathListJobRecord, listCall, "X-Token", "viewer")
	if got.Code != http.StatusOK || !strings.Contains(got.Body.String(), `"list":[]`) {
		t.Errorf("got %d %s, want an empty list", got.Code, got.Body)
	}
	if got := r.curl("/api/v1/alerts", `{}`, "X-Token", "developer"); got.Code != http.StatusUnauthorized {
		t.Errorf("the header elsewhere: got %d, want 401", got.Code)
	}
}

func TestJobsAreRefusedInOneSentence(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.must(http.MethodPost, wire.PathCreateJob, "developer", createCall, nil)
	for body, code := range map[string]fault.Code{
		strings.Replace(createCall, "hello", "other", 1):    fault.Conflict,
		strings.Replace(createCall, "0/5", "x", 1):          fault.Invalid,
		strings.Replace(createCall, "shell", "exec", 1):     fault.Invalid,
		strings.Replace(createCall, "target", "tarket", 1):  fault.Usage,
		strings.Replace(createCall, `"name"`, `"names"`, 1): fault.Usage,
		"name=x":     fault.Usage,
		`{"name":1}`: fault.Usage,
	} {
		if p := r.problem(http.MethodPost, wire.PathCreateJob, "developer", body); p.Code != string(code) {
			t.Errorf("%s: got %+v, want %s", body, p, code)
		}
	}
	if p := r.problem(http.MethodPost, wire.PathCreateJob, "viewer", createCall); p.Code != string(fault.Forbidden) {
		t.Errorf("viewer: got %+v, want it forbidden", p)
	}
	if p := r.problem(http.MethodPost, wire.PathCreateJob, "", createCall); p.Code != string(fault.Unauthed) {
		t.Errorf("nobody: got %+v, want 401", p)
	}
	for body, code := range map[string]fault.Code{
		`{"page":-1,"size":1}`: fault.Invalid, `{"page":0,"size":0}`: fault.Invalid, `{"page":0,"size":501}`: fault.Invalid, `{"page":0}`: fault.Invalid,
		`{"page":20,"size":500}`: fault.TooLarge, `{"page":99999999999,"size":500}`: fault.TooLarge,
	} {
		if p := r.problem(http.MethodPost, wire.PathListJobRecord, "viewer", body); p.Code != string(code) {
			t.Errorf("%s: got %+v, want %s", body, p, code)
		}
	}
	if p := r.problem(http.MethodPost, wire.PathJobRecordResult, "viewer", `{"recordId":44}`); p.Code != string(fault.NotFound) {
		t.Errorf("got %+v, want no such record", p)
	}
}

// ran makes a batch of a job that has run.
func (r *rig) ran(task int64, workNo string, at int64, end wire.Fact) int64 {
	r.t.Helper()
	id := r.world.Batch(task, workNo, func(b *store.NewBatch) { b.ScheduleTime = at })
	r.world.Change("UPDATE capri_task_work SET projectId = (SELECT projectId FROM capri_task t WHERE t.id = taskId) WHERE id = ?", id)
	r.run(id, &end)
	return id
}

func TestRecords(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.apply(taskFiles)
	var made wire.TanzhiReply[wire.CreatedJob]
	r.must(http.MethodPost, wire.PathCreateJob, "developer", createCall, &made)
	var other wire.TanzhiReply[wire.CreatedJob]
	r.must(http.MethodPost, wire.PathCreateJob, "developer", strings.Replace(createCall, "job-1", "job-2", 1), &other)
	exit := 0
	end := wire.Fact{Kind: wire.FactFinished, ExitCode: &exit, Tail: "hello\n"}
	var ids []int64
	for i := range 5 {
		task := made.Data.ID
		if i%2 == 1 {
			task = other.Data.ID
		}
		ids = append(ids, r.ran(task, fmt.Sprintf("2015051800000%d", i), int64(1000*i+1), end))
	}
	r.world.Batch(made.Data.ID, "20150518000009") // still waits
	var seen []int64
	for page := range 4 {
		var reply wire.TanzhiReply[wire.JobRecordPage]
		r.must(http.MethodPost, wire.PathListJobRecord, "operator", wire.JobRecordRequest{Page: page, Size: 2}, &reply)
		if reply.Data.Total != 5 || reply.Data.Page != page {
			t.Errorf("page %d: got %+v, want 5 in all", page, reply.Data)
		}
		for _, rec := range reply.Data.List {
			seen = append(seen, rec.ID)
			if !strings.HasPrefix(rec.Name, "create-http-job-") || rec.Type != "shell" || rec.Command != "echo hello" || rec.Result != "hello\n" || rec.FailedCnt != 0 ||
				rec.CreateTime == "" || rec.StartedTime == "" || rec.FinishedTime == "" {
				t.Errorf("got %+v, want a whole record", rec)
			}
		}
	}
	if want := fmt.Sprint([]int64{ids[4], ids[3], ids[2], ids[1], ids[0]}); fmt.Sprint(seen) != want {
		t.Errorf("got %v, want %s, newest first", seen, want)
	}
	var result wire.TanzhiReply[wire.JobResult]
	r.must(http.MethodPost, wire.PathJobRecordResult, "operator", wire.JobResultRequest{RecordID: ids[0]}, &result)
	if d := result.Data; d.Result != "hello\n" || d.Status != "SUCCESS" || d.ExitCode == nil || *d.ExitCode != 0 {
		t.Errorf("got %+v, want the output and a success", d)
	}
}
