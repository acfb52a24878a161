package cli

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"capricornus/common/config"
	"capricornus/common/store"
)

func TestTheOtherMastersAreThoseThatThereAre(t *testing.T) {
	now := noon()
	cfg := config.Master{Node: "m1", Raft: config.Raft{Peers: map[string]string{"m1": "m1:1", "m2": "m2:1", "m3": "m3:1"}}}
	rows := []store.Master{
		{ID: "m1", RaftAddress: "m1:1", LastSeen: now.UnixMilli()},
		{ID: "m2", RaftAddress: "moved:1", LastSeen: now.UnixMilli()},
		{ID: "m4", RaftAddress: "m4:1", LastSeen: now.UnixMilli()},
		{ID: "m5", RaftAddress: "m5:1", LastSeen: now.Add(-time.Minute).UnixMilli()}, // gone
		{ID: "m6", LastSeen: now.UnixMilli()},
	}
	for name, c := range map[string]struct {
		cfg  config.Master
		rows []store.Master
		want string
	}{
		"Configured": {cfg, nil, "m2@m2:1 m3@m3:1"},
		"Running":    {cfg, rows, "m2@moved:1 m3@m3:1 m4@m4:1"},
		"Joined":     {config.Master{Node: "m4"}, rows, "m1@m1:1 m2@moved:1"},
		"Alone":      {config.Master{Node: "m1"}, rows[:1], ""},
	} {
		got := strings.Join(namesOf(otherMasters(c.cfg, c.rows, now), func(p peer) string { return p.node + "@" + p.address }), " ")
		if got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
	if cfg.Raft.Peers["m4"] != "" {
		t.Errorf("got %v, want the configuration as it was", cfg.Raft.Peers)
	}
}

func TestAMajorityIsWhatCounts(t *testing.T) {
	up, down := peer{node: "a", address: "a:1"}, peer{node: "b", address: "b:1", err: syscall.ECONNREFUSED}
	for name, c := range map[string]struct {
		peers []peer
		want  string
	}{
		"All":        {[]peer{up, up}, "ok raft a, ok raft a, ok majority"},
		"OneMissing": {[]peer{up, down}, "ok raft a, warn raft b, ok majority"},
		"Alone":      {[]peer{down, down}, "fail raft b, fail raft b, fail majority"},
		"TwoOfFour":  {[]peer{up, down, down}, "ok raft a, fail raft b, fail raft b, fail majority"},
		"FourOfFour": {[]peer{up, up, up}, "ok raft a, ok raft a, ok raft a, warn majority"},
	} {
		var got []string
		for _, f := range judgePeers(c.peers, noon()) {
			got = append(got, judged(f))
		}
		if strings.Join(got, ", ") != c.want {
			t.Errorf("%s: got %q, want %s", name, got, c.want)
		}
	}
}

func TestTheMonitorIsRepeated(t *testing.T) {
	if got := judgeConditions(nil); len(got) != 1 || got[0].Verdict != verdictOK {
		t.Errorf("got %+v, want nothing wrong", got)
	}
	many := make([]store.Condition, conditionsShown+2)
	for i := range many {
		many[i] = store.Condition{Kind: "workers-low", Object: "default", Level: "critical", Since: int64(100 - i)}
	}
	got := judgeConditions(many)
	if len(got) != conditionsShown+1 || got[conditionsShown].Text != "and 2 more" || !strings.Contains(got[0].Text, "critical: workers-low default, since 1970") {
		t.Errorf("got %+v, want the oldest ten and how many more", got)
	}
}
