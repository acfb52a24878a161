package api

import (
	"net/http"
	"strings"
	"testing"

	"capricornus/common/wire"
)

const daily = `apiVersion: capri/v1
kind: Task
metadata: {name: tidy, project: weblog, owner: admin}
spec: {period: day, run: {type: shell, script: "true"}}
`

func TestWhySpeaksBothLanguages(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.apply("apiVersion: capri/v1\nkind: Project\nmetadata: {name: weblog, owner: admin, department: data}\n", daily)
	const path = "/api/v1/batches/tidy/20990101/why"
	for query, want := range map[string]string{"": "is generated at ", "?lang=en": "is generated at ", "?lang=zh": "将于 "} {
		var why wire.Why
		r.must(http.MethodGet, path+query, "viewer", nil, &why)
		if !strings.HasPrefix(why.Summary, want) {
			t.Errorf("%s: got %s, want %s", query, why.Summary, want)
		}
	}
	if p := r.problem(http.MethodGet, path+"?lang=fr", "viewer", nil); p.Status != http.StatusUnprocessableEntity && p.Status != http.StatusBadRequest {
		t.Errorf("got %+v for a language that nobody speaks, want it refused", p)
	}
}
