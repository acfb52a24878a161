package cli

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"capricornus/common/fault"
	"capricornus/common/wire"
)

// wellMasters is a cluster whose duties have just run.
func wellMasters(age time.Duration) wire.Cluster {
	c := threeMasters()
	now := clusterNow(c, noon())
	c.Since = now - time.Hour.Milliseconds()
	c.Services = []wire.Service{{Name: dependService, Every: 600_000, EndedAt: now - age.Milliseconds(), SucceededAt: now - age.Milliseconds()}}
	return c
}

// canaried is such a cluster with a canary that has been due for some time.
func canaried(level string, late time.Duration) wire.Cluster {
	c := wellMasters(0)
	c.Canary = &wire.Canary{Task: "capri_canary", Level: level}
	if late > 0 {
		c.Canary.DueAt, c.Canary.Text = clusterNow(c, noon())-late.Milliseconds(), "its batch is not made"
	}
	return c
}

func missingBatches(n int) wire.MissingList {
	list := wire.MissingList{Items: []wire.Missing{}}
	for range n {
		list.Items = append(list.Items, wire.Missing{Batch: "a/20150518", Reason: "generation has failed"})
	}
	return list
}

func TestChecks(t *testing.T) {
	well := wire.HostList{Items: []wire.Host{{Host: "w1", Alive: true}, {Host: "w2", Alive: true, Stopped: true}}}
	silent := wire.HostList{Items: []wire.Host{{Host: "w1", Alive: true}, {Host: "w2"}}}
	headless := wellMasters(0)
	headless.Leader = ""
	cases := map[string]struct {
		args    string
		cluster any
		hosts   any
		missing any
		code    int // with --nagios
		says    string
	}{
		"DependenciesNow":     {"dependencies", wellMasters(12 * time.Second), nil, nil, 0, "DEPENDENCIES OK - dependencies were looked at 12s ago | age=12s;300;600\n"},
		"DependenciesLate":    {"dependencies", wellMasters(6 * time.Minute), nil, nil, 1, "DEPENDENCIES WARNING - dependencies were looked at 6m00s ago"},
		"DependenciesOld":     {"dependencies", wellMasters(11 * time.Minute), nil, nil, 2, "DEPENDENCIES CRITICAL - "},
		"DependenciesStrict":  {"dependencies --warning 5s --critical 10s", wellMasters(12 * time.Second), nil, nil, 2, "age=12s;5;10"},
		"DependenciesNever":   {"dependencies", wire.Cluster{Leader: "m1"}, nil, nil, 2, "no master has ever"},
		"DependenciesRefused": {"dependencies", problem(fault.Forbidden, http.StatusForbidden, "you may not"), nil, nil, 3, "DEPENDENCIES UNKNOWN - you may not\n"},
		"NothingMissing":      {"generation", nil, nil, missingBatches(0), 0, "GENERATION OK - no batch is missing | missing=0;0;10\n"},
		"OneMissing":          {"generation", nil, nil, missingBatches(1), 1, "GENERATION WARNING - 1 batch missing; capri batch missing says why | missing=1;0;10\na/20150518: generation has failed\n"},
		"ManyMissing":         {"generation", nil, nil, missingBatches(12), 2, "… and 2 more"},
		"FewBorne":            {"generation --warning 3", nil, nil, missingBatches(2), 0, "GENERATION OK - 2 batches missing"},
		"PlatformWell":        {"platform", wellMasters(0), well, missingBatches(0), 0, "PLATFORM OK - m1 leads, 3 masters heard of, database and workers are well, no canary is set up (capri task apply -f conf/canary.yaml) | workers=1;;1: silent=0\n"},
		"PlatformSilent":      {"platform", wellMasters(0), silent, missingBatches(0), 1, "PLATFORM WARNING - not heard of: w2"},
		"PlatformNoWorker":    {"platform", wellMasters(0), wire.HostList{}, missingBatches(1), 2, "PLATFORM CRITICAL - 2 things not as they should be | workers=0;;1: silent=0\nCRITICAL no worker takes batches: capri host list shows why\nWARNING 1 batch missing"},
		"PlatformHeadless":    {"platform", headless, nil, nil, 2, "PLATFORM CRITICAL - nobody leads"},
		"CanaryInTime":        {"platform", canaried("", 0), well, missingBatches(0), 0, "are well, the canary capri_canary is in time | workers=1;;1: silent=0 canary=0s\n"},
		"CanaryLate":          {"platform", canaried("important", 12*time.Minute), well, missingBatches(0), 1, "PLATFORM WARNING - the canary is late: its batch is not made | workers=1;;1: silent=0 canary=720s\n"},
		"CanaryVeryLate":      {"platform", canaried("critical", 21*time.Minute), well, missingBatches(0), 2, "PLATFORM CRITICAL - the canary is late: its batch is not made"},
		"PlatformOld":         {"platform", wellMasters(11 * time.Minute), well, missingBatches(0), 2, "PLATFORM CRITICAL - dependencies were looked at 11m00s ago"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			m := newMaster(t, map[string]any{"GET /cluster": c.cluster, "GET /hosts": c.hosts, "GET /missing": c.missing})
			args := append([]string{"check"}, strings.Fields(c.args)...)
			if got := at(m).run(t, append(args, "--nagios")...); got.code != c.code || !strings.Contains(got.out, c.says) || got.err != "" {
				t.Errorf("got %+v, want %d, %q and nothing on stderr", got, c.code, c.says)
			}
			want := map[int]int{0: exitDone, 1: exitFailed, 2: exitFailed, 3: exitNotAllowed}[c.code]
			if got := at(m).run(t, args...); got.code != want {
				t.Errorf("got %+v without --nagios, want %d", got, want)
			}
		})
	}
}

func TestChecksOfACommandThatFindsNobody(t *testing.T) {
	gone := session{environ: map[string]string{"CAPRI_ADDR": "http://127.0.0.1:1"}}
	for args, code := range map[string]int{
		"check platform --nagios": 2, "check dependencies --nagios": 3, "check generation --nagios": 3,
		"check platform": exitNoMaster, "check generation": exitNoMaster,
	} {
		if got := gone.run(t, strings.Fields(args)...); got.code != code || !strings.Contains(got.out+got.err, "no master reachable") {
			t.Errorf("%s: got %+v, want %d", args, got, code)
		}
	}
	if got := at(newMaster(t, nil)).run(t, "check", "generation", "--critical", "-1"); got.code != exitUsage {
		t.Errorf("got %+v, want %d", got, exitUsage)
	}
	m := newMaster(t, map[string]any{"GET /cluster": wellMasters(0)})
	if got := at(m).run(t, "check", "dependencies", "-o", "json"); got.code != exitDone || !strings.Contains(got.out, `"status": "OK"`) {
		t.Errorf("got %+v, want the verdict as JSON", got)
	}
}
