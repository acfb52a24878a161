package api

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"capricornus/common/fault"
	"capricornus/common/store/storetest"
	"capricornus/common/wire"
)

// expecting is a call that saves texts on the condition of versions.
func expecting(expected map[string]int, texts ...string) wire.ApplyRequest {
	req := wire.ApplyRequest{ExpectedVersions: expected}
	for i, text := range texts {
		req.Files = append(req.Files, wire.File{Name: fmt.Sprintf("f%d.yaml", i), Text: text})
	}
	return req
}

func TestApplyRefusesOtherVersions(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	a, b := taskText("a", "web", "admin", ""), taskText("b", "web", "admin", "")
	r.apply(a, b)
	r.apply(taskText("a", "web", "admin", "  priority: 2\n"))
	mine := taskText("a", "web", "admin", "  priority: 3\n")
	cases := map[string]struct {
		req  wire.ApplyRequest
		code fault.Code
		says string
	}{
		"Older":         {expecting(map[string]int{"a": 1}, mine), fault.Conflict, "task a is at version 2 by admin, not at 1"},
		"OlderButSame":  {expecting(map[string]int{"a": 1}, taskText("a", "web", "admin", "  priority: 2\n")), fault.Conflict, "task a is at version 2"},
		"There":         {expecting(map[string]int{"a": 0}, mine), fault.Conflict, "task a is there already"},
		"Gone":          {expecting(map[string]int{"x": 4}, taskText("x", "web", "admin", "")), fault.Conflict, "task x is not there any more"},
		"OneOfTwo":      {expecting(map[string]int{"a": 1, "b": 1}, mine, taskText("b", "web", "admin", "  priority: 3\n")), fault.Conflict, "task a is at version 2"},
		"NotInTheFiles": {expecting(map[string]int{"b": 1}, mine), fault.Invalid, `task "b"`},
	}
	for name, c := range cases {
		for _, dry := range []bool{true, false} {
			c.req.DryRun = dry
			p := r.problem(http.MethodPost, pathApply, "operator", c.req)
			if p.Code != string(c.code) || !strings.Contains(p.Detail, c.says) || c.code == fault.Conflict && len(p.Difference) != 1 {
				t.Errorf("%s, dry run %t: got %+v, want %s: %s", name, dry, p, c.code, c.says)
			}
		}
	}
	if n := r.count("SELECT COUNT(*) FROM capri_task_version"); n != 3 {
		t.Errorf("got %d versions, want the 3 of before", n)
	}
	var reply wire.ApplyReply
	r.must(http.MethodPost, pathApply, "operator", expecting(map[string]int{"a": 2, "x": 0}, mine, taskText("x", "web", "admin", "")), &reply)
	if got, want := actions(reply), "Task a changed 3; Task x created 1"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	r.must(http.MethodPost, "/api/v1/tasks/x/delete", "operator", wire.ReasonRequest{Reason: "over"}, nil)
	r.must(http.MethodPost, pathApply, "operator", expecting(map[string]int{"x": 0}, taskText("x", "web", "admin", "")), &reply)
	if got, want := actions(reply), "Task x created 3"; got != want {
		t.Errorf("deleted and made anew: got %s, want %s", got, want)
	}
}

// TestApplyOfTheSameVersionSideBySide lets many save what they have read as the
// same version: exactly one of them wins, whatever the order of reads and writes.
func TestApplyOfTheSameVersionSideBySide(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			r := newRigOn(t, engine)
			r.apply(taskText("a", "web", "admin", ""))
			for version := 1; version <= 5; version++ {
				var group sync.WaitGroup
				codes := make([]int, 4)
				for i := range codes {
					group.Go(func() {
						text := taskText("a", "web", "admin", fmt.Sprintf("  env: {V: v%d, WHO: w%d}\n", version, i))
						codes[i] = r.send(http.MethodPost, pathApply, "operator", expecting(map[string]int{"a": version}, text)).Code
					})
				}
				group.Wait()
				won := 0
				for _, code := range codes {
					if code == http.StatusOK {
						won++
					} else if code != http.StatusConflict {
						t.Errorf("got %d, want 200 or 409", code)
					}
				}
				if won != 1 {
					t.Errorf("version %d: got %d who saved, want one", version, won)
				}
			}
		})
	}
}
