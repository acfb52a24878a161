package api

import (
	"fmt"
	"testing"

	"capricornus/common/store"
	"capricornus/common/wire"
	"capricornus/master/election"
)

const sightNow = 1_000_000

// sightOf is what m2, a follower, sees of three masters, m1 leading term 7.
func sightOf(change func(*clusterSight)) wire.Cluster {
	s := clusterSight{
		now: sightNow, node: "m2", version: "v2",
		raft:  election.Status{Node: "m2", State: "follower", ClusterID: "C", RaftTerm: 9, LastIndex: 100, Applied: 100},
		reign: store.Reign{Epoch: 7, Holder: "m1", Since: 900_000},
		rows: []store.Master{
			{ID: "m1", LastSeen: sightNow - 900, State: "leader", IsLeader: true, Epoch: 7, LastIndex: 104, AppliedIndex: 104},
			{ID: "m2", LastSeen: sightNow - 9_000, State: "follower", LastIndex: 90, AppliedIndex: 90, ClockOffset: 5},
			{ID: "m3", LastSeen: sightNow - 9_500, State: "follower", LastIndex: 90, AppliedIndex: 90},
		},
	}
	for _, name := range []string{"m1", "m2", "m3"} {
		s.raft.Members = append(s.raft.Members, election.Member{Node: name, Raft: name + ":7400", Leader: name == "m1"})
	}
	if change != nil {
		change(&s)
	}
	return s.cluster()
}

func TestWhatAMasterSees(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		change func(*clusterSight)
		states string
		leader string
		epoch  int64
	}{
		"Health": {nil, "m1 leader, m2 follower, m3 follower", "m1", 7},
		"ASilentMember": {func(s *clusterSight) { s.rows[2].LastSeen = sightNow - 30_001 },
			"m1 leader, m2 follower, m3 silent", "m1", 7},
		"ASilentLeader": {func(s *clusterSight) { s.rows[0].LastSeen = sightNow - 30_001 },
			"m1 silent, m2 follower, m3 follower", "", 0},
		"NeverHeardOf": {func(s *clusterSight) { s.rows = s.rows[:2] },
			"m1 leader, m2 follower, m3 unknown", "m1", 7},
		"NoMemberAnyMore": {func(s *clusterSight) { s.raft.Members = s.raft.Members[:2] },
			"m1 leader, m2 follower, m3 gone", "m1", 7},
		"ALeaderThatHasNotDescribedItselfYet": {func(s *clusterSight) {
			s.reign = store.Reign{Epoch: 8, Holder: "m3", Since: sightNow - 100}
			s.raft.Members[0].Leader, s.raft.Members[2].Leader = false, true
		}, "m1 claiming, m2 follower, m3 leader", "m3", 8},
		"ALeaderThatGaveUp": {func(s *clusterSight) { s.rows[0].IsLeader, s.rows[0].Epoch = false, 0 },
			"m1 claiming, m2 follower, m3 follower", "", 0},
		"ItselfLeading": {func(s *clusterSight) {
			s.raft.State, s.raft.Epoch, s.reign = "leader", 8, store.Reign{Epoch: 8, Holder: "m2", Since: sightNow - 100}
			s.raft.Members[0].Leader, s.raft.Members[1].Leader = false, true
			s.rows[0].State, s.rows[0].Epoch = "follower", 0
		}, "m1 follower, m2 leader, m3 follower", "m2", 8},
		"ItselfClaiming": {func(s *clusterSight) {
			s.raft.State, s.rows[0].State, s.rows[0].Epoch = "leader", "follower", 0
			s.raft.Members[0].Leader, s.raft.Members[1].Leader = false, true
		}, "m1 follower, m2 claiming, m3 follower", "", 0},
		"WithoutTheDatabase": {func(s *clusterSight) { s.rows, s.reign = nil, store.Reign{} },
			"m1 claiming, m2 follower, m3 unknown", "", 0},
		"LeadingWithoutTheDatabase": {func(s *clusterSight) { s.rows, s.reign, s.raft.State, s.raft.Epoch = nil, store.Reign{}, "leader", 7 },
			"m1 claiming, m2 leader, m3 unknown", "m2", 7},
		"WithoutRaft": {func(s *clusterSight) { s.raft.Members = nil },
			"m1 leader, m2 follower, m3 follower", "m1", 7},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := sightOf(c.change)
			states := ""
			for i, m := range got.Masters {
				if i > 0 {
					states += ", "
				}
				states += m.Node + " " + m.State
			}
			if states != c.states || got.Leader != c.leader || got.Epoch != c.epoch {
				t.Errorf("got %s, leader %q in %d, want %s, leader %q in %d", states, got.Leader, got.Epoch, c.states, c.leader, c.epoch)
			}
		})
	}
}

func TestLagQuorumAndItself(t *testing.T) {
	t.Parallel()
	got := sightOf(nil)
	lags := []int64{got.Masters[0].Lag, got.Masters[1].Lag, got.Masters[2].Lag}
	if want := []int64{0, 4, 14}; fmt.Sprint(lags) != fmt.Sprint(want) || got.Quorum != 2 || got.Since != 900_000 {
		t.Errorf("got lags %v, quorum %d since %d, want %v, 2 and 900000", lags, got.Quorum, got.Since, want)
	}
	if own := got.Masters[1]; own.LastSeen != sightNow || own.Version != "v2" || own.Applied != 100 || own.ClockOffset != 5 || own.RaftTerm != 9 {
		t.Errorf("got %+v, want what it knows of itself now", own)
	}
	stale := sightOf(func(s *clusterSight) { s.rows[2].LastSeen, s.rows[2].LastIndex = 1, 9_999 })
	if stale.Masters[0].Lag != 0 {
		t.Errorf("got lag %d, want the log of a silent master not to count", stale.Masters[0].Lag)
	}
	four := sightOf(func(s *clusterSight) { s.raft.Members = append(s.raft.Members, election.Member{Node: "m4"}) })
	if four.Quorum != 3 {
		t.Errorf("got quorum %d of four, want 3", four.Quorum)
	}
}
