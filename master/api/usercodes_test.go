package api

import (
	"net/http"
	"strings"
	"testing"

	"capricornus/common/fault"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/common/wire"
)

func TestReturnedCodes(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.apply(taskFiles)
	var made wire.ExecuteReply
	r.must(http.MethodPost, "/api/v1/tasks/tidy/run", "developer", struct{}{}, &made)
	id := made.ID
	code := wire.UserCode{WorkID: id, Attempt: 1, Host: storetest.Host, Incarnation: storetest.Incarnation, Code: new(0)}
	refused := func(what string, change func(*wire.UserCode), want fault.Code, says string) {
		t.Helper()
		c := code
		change(&c)
		if p := r.problem(http.MethodPost, wire.PathUserCodes, "worker", c); p.Code != string(want) || !strings.Contains(p.Detail, says) {
			t.Errorf("%s: got %+v, want %s with %q", what, p, want, says)
		}
	}
	refused("a batch that waits", func(*wire.UserCode) {}, fault.Conflict, "does not run on w1")
	r.run(id, nil)
	refused("another host", func(c *wire.UserCode) { c.Host = "w9" }, fault.Conflict, "does not run on w9")
	refused("another root", func(c *wire.UserCode) { c.Incarnation = "i9" }, fault.Conflict, "does not run on")
	refused("another attempt", func(c *wire.UserCode) { c.Attempt = 2 }, fault.Conflict, "attempt 2")
	refused("no code", func(c *wire.UserCode) { c.Code = nil }, fault.Invalid, "code")
	refused("no host", func(c *wire.UserCode) { c.Host = "" }, fault.Invalid, "host name")
	for range 2 {
		r.must(http.MethodPost, wire.PathUserCodes, "worker", code, nil)
	}
	refused("a code that contradicts", func(c *wire.UserCode) { c.Code = new(3) }, fault.Conflict, "the first one stands")
	if n := r.world.Figure("SELECT COUNT(*) FROM capri_user_code_log WHERE task_instance_code = ? AND user_code = 0 AND execute_state = 1", made.Ref+"#1"); n != 1 {
		t.Errorf("got %d rows, want the code once, of an attempt that is not judged", n)
	}
}

func TestNoticesAreTaken(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	notice := wire.Notice{Kind: store.AlertHDFSHung, Host: "w1", Occurrence: "7.9", Text: "process 7 has stood still"}
	var reply wire.NoticesReply
	for _, want := range []int{1, 0} {
		r.must(http.MethodPost, wire.PathNotices, "worker", wire.NoticesRequest{Notices: []wire.Notice{notice, notice}}, &reply)
		if reply.New != want {
			t.Errorf("got %d new, want %d", reply.New, want)
		}
	}
	if p := r.problem(http.MethodPost, wire.PathNotices, "worker", wire.NoticesRequest{Notices: []wire.Notice{{Host: "no name"}}}); p.Code != string(fault.Invalid) {
		t.Errorf("got %+v for what is no host, want INVALID", p)
	}
	if p := r.problem(http.MethodPost, wire.PathNotices, "worker", wire.NoticesRequest{Notices: make([]wire.Notice, maxNotices+1)}); p.Code != string(fault.TooLarge) {
		t.Errorf("got %+v for very many, want TOO_LARGE", p)
	}
}
