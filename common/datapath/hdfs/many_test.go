package hdfs

import (
	"fmt"
	"net/url"
	"testing"
	"testing/synctest"
	"time"

	"capricornus/common/datapath"
)

func questions(host string, dirs, each int) []datapath.Question {
	var all []datapath.Question
	for d := range dirs {
		for n := range each {
			at := &url.URL{Scheme: "hdfs", Host: host, Path: fmt.Sprintf("/table-%d/dt=%d", d, n)}
			all = append(all, datapath.Question{Check: datapath.Check{Path: at.String()}, At: at, Rule: datapath.ReadySuccess})
		}
	}
	return all
}

func TestReadyManyAsksOnceForATableThatIsNotThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 1)
		answered := map[string]bool{}
		for group := range r.ReadyMany(t.Context(), questions("main", 20, 700)) {
			for _, a := range group {
				if a.Met || a.Err != nil || answered[a.Path] {
					t.Fatalf("got %+v, want each path answered once, absent", a)
				}
				answered[a.Path] = true
			}
		}
		if len(answered) != 20*700 {
			t.Errorf("got %d answers, want one for each path", len(answered))
		}
		// 700 paths are two groups.
		if got := r.nodes["nn1:8020"].heard("getFileInfo"); got != 40 {
			t.Errorf("got %d questions, want one for each group of paths in a directory, 40", got)
		}
	})
}

func TestReadyManyDuringAnOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 1)
		r.all(hangs)
		began, answered := time.Now(), 0
		asked := append(questions("main", 300, 10), questions("elsewhere", 1, 1)...)
		for group := range r.ReadyMany(t.Context(), asked) {
			for _, a := range group {
				if answered++; datapath.Unavailable(a.Err) != (a.At.Host == "main") || a.Err == nil {
					t.Fatalf("got %v of %s, want an outage, and an error about the path of the file system that nobody knows", a.Err, a.Path)
				}
			}
		}
		if took := time.Since(began); took != rigTimeout || answered != len(asked) {
			t.Errorf("got %d answers in %s, want all after one deadline", answered, took)
		}
	})
}

func TestReadyManyEndsWhenNobodyWantsMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 1)
		began := time.Now()
		for range r.ReadyMany(t.Context(), questions("main", 100, 5)) {
			r.all(hangs)
			break
		}
		if took := time.Since(began); took != 0 {
			t.Errorf("got %s until it ended, want at once though calls hang", took)
		}
	})
}
