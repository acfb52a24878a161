package cli

import (
	"testing"

	"capricornus/common/wire"
)

func TestQualitySet(t *testing.T) {
	m := newMaster(t, map[string]any{
		"POST /quality/a/20150518": wire.QualityReply{Batch: "a/20150518.0", Answer: "run", Changed: true},
		"POST /quality/b/20150518": wire.QualityReply{Batch: "b/20150518.0", Answer: "block", Note: "the batch has ended already"},
	})
	if got := at(m).run(t, "quality", "set", "a/20150518", "run", "--reason", "by hand"); got.code != exitDone || got.err != "a/20150518.0: run\n" || got.out != "" {
		t.Errorf("got %+v, want what was done on stderr", got)
	}
	if want := `{"answer":"run","reason":"by hand"}`; m.body("POST /quality/a/20150518") != want {
		t.Errorf("got %s, want %s", m.body("POST /quality/a/20150518"), want)
	}
	if got := at(m).run(t, "quality", "set", "b/20150518", "block", "-o", "name"); got.code != exitDone || got.out != "b/20150518.0\n" {
		t.Errorf("got %+v, want the batch's name", got)
	}
	if got := at(m).run(t, "quality", "set", "b/20150518", "block"); got.err != "b/20150518.0: nothing changed; the batch has ended already\n" {
		t.Errorf("got %+v, want it said that nothing changed", got)
	}
	if got := at(m).run(t, "quality", "set", "nonsense", "run"); got.code != exitUsage {
		t.Errorf("got %+v, want %d", got, exitUsage)
	}
}
