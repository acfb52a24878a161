package hdfs

import (
	"testing"
	"testing/synctest"
	"time"
)

// One of two namenodes is active and hangs, and the other takes over or does
// not. The client that asks has spoken with it before, or not.
func TestAHungActiveNamenodeCostsOneDeadline(t *testing.T) {
	for _, second := range []string{standby, answers} {
		for _, before := range []bool{true, false} {
			for _, active := range []string{"nn1:8020", "nn2:8020"} {
				t.Run(second+active, func(t *testing.T) { synctest.Test(t, func(t *testing.T) { hungActive(t, active, second, before) }) })
			}
		}
	}
}

func hungActive(t *testing.T, active, second string, before bool) {
	t.Helper()
	r := newRig(t, 2)
	r.all(standby)
	r.nodes[active].set(answers)
	if before {
		if err := r.look(t); err != nil {
			t.Fatal(err)
		}
	}
	r.all(second)
	r.nodes[active].set(hangs)
	began := time.Now()
	err := r.look(t)
	if took := time.Since(began); took > rigTimeout {
		t.Errorf("got %s for a look, want at most one deadline", took)
	}
	if second == answers && err != nil {
		t.Errorf("got %v, want the answer of the other", err)
	}
	if second == standby {
		causes := map[string]string{
			"nn1:8020": "nn1:8020: no answer within 900ms; nn2:8020: on standby",
			"nn2:8020": "nn1:8020: on standby; nn2:8020: no answer within 900ms",
		}
		want(t, err, causes[active])
	}
}
