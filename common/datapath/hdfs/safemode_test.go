package hdfs

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestSafeModeIsNoticedWhileLooksGoOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 1)
		node := r.nodes["nn1:8020"]
		for range 20 {
			if err := r.look(t); err != nil {
				t.Fatal(err)
			}
			pass(time.Second / 2)
		}
		if got := node.heard("setPermission"); got != 1 {
			t.Errorf("got %d questions for the safe mode in 10 s, want one", got)
		}
		r.all(safeMode)
		want(t, r.look(t), "it is in safe mode")
		r.all(answers)
		pass(time.Second)
		if err := r.look(t); err != nil {
			t.Errorf("got %v a second after it left the safe mode, want an answer", err)
		}
	})
}
