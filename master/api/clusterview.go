package api

import (
	"cmp"
	"context"
	"slices"
	"time"

	"capricornus/common/logs"
	"capricornus/common/store"
	"capricornus/common/wire"
	"capricornus/master/election"
)

// A master says that it is there every ten seconds, the leader every second;
// three times in a row are not missed by chance.
const (
	memberSilence = 30 * time.Second
	leaderSilence = 5 * time.Second // and ends its term when it cannot write for that long
)

// databasePatience bounds what a look at the cluster waits for the database:
// people look when something is wrong.
const databasePatience = 3 * time.Second

// clusterSight is what one master sees of its cluster.
type clusterSight struct {
	now      int64 // the cluster's clock, UTC milliseconds
	node     string
	version  string
	raft     election.Status // of this master
	rows     []store.Master  // nil when the database does not answer
	reign    store.Reign     // the database's present or last term
	database wire.Database
}

// showCluster answers without the database, too: then from raft alone.
func (a *api) showCluster(ctx context.Context, _ *nothing) (wire.Cluster, error) {
	sight := clusterSight{node: a.Node, version: a.Version, raft: a.raftStatus()}
	sight.database = wire.Database{Engine: a.DB.Engine()}
	services := wire.ServiceList{Items: []wire.Service{}}
	bounded, cancel := context.WithTimeout(ctx, databasePatience)
	defer cancel()
	err := a.readCluster(bounded, &sight)
	if err == nil {
		services, err = a.listServices(bounded, nil)
	}
	var canary *wire.Canary
	if err == nil && a.Canary != nil {
		canary, err = a.Canary(bounded)
	}
	if err != nil {
		sight.database.Error = "the database does not answer"
		a.Log.Warn("cluster shown without the database", logs.Error(err))
	}
	sight.now = a.DB.Now().UnixMilli()
	cluster := sight.cluster()
	cluster.Services, cluster.Canary = services.Items, canary
	return cluster, nil
}

// raftStatus is how raft sees this master; one without raft is its only member.
func (a *api) raftStatus() election.Status {
	if a.Members != nil {
		return a.Members.Status()
	}
	s := election.Status{Node: a.Node, State: "leader", Members: []election.Member{{Node: a.Node, Leader: true}}}
	if a.Epoch != nil {
		s.Epoch = a.Epoch()
	}
	return s
}

func (a *api) readCluster(ctx context.Context, sight *clusterSight) error {
	began := time.Now()
	schema, err := a.DB.Schema(ctx)
	if err != nil {
		return err
	}
	sight.database.Schema, sight.database.Micros = schema.Current, time.Since(began).Microseconds()
	if sight.database.Version, err = a.DB.ServerVersion(ctx); err != nil {
		return err
	}
	return a.DB.View(ctx, func(t *store.ViewTx) error {
		if sight.rows, err = t.Masters(ctx); err != nil {
			return err
		}
		if sight.rows == nil {
			sight.rows = []store.Master{}
		}
		sight.reign, err = t.Reign(ctx)
		return err
	})
}

// cluster puts together what raft and the rows of the masters say.
func (s clusterSight) cluster() wire.Cluster {
	masters := s.masters()
	out := wire.Cluster{
		Version: s.version, Node: s.node, ID: s.raft.ClusterID, RaftTerm: int64(s.raft.RaftTerm), //nolint:gosec // far below 2^63
		Quorum: len(s.members())/2 + 1, Masters: masters, Database: s.database,
	}
	for _, m := range masters {
		if m.State == wire.MemberLeader {
			out.Leader, out.Epoch = m.Node, cmp.Or(s.reign.Epoch, s.raft.Epoch)
			out.Since = s.reign.Since
		}
	}
	return out
}

// members are those of raft; while raft does not know them, as at a master that
// waits to be taken in, those that have described themselves.
func (s clusterSight) members() []election.Member {
	if s.raft.Members != nil {
		return s.raft.Members
	}
	out := make([]election.Member, len(s.rows))
	for i, row := range s.rows {
		out[i] = election.Member{Node: row.ID, Raft: row.RaftAddress, Address: row.Address}
	}
	return out
}

// masters are the members, and those that described themselves and are none.
func (s clusterSight) masters() []wire.Member {
	out := make([]wire.Member, 0, len(s.members()))
	for _, m := range s.members() {
		row, _ := s.row(m.Node)
		member := viewMember(row)
		member.Node, member.Raft, member.Address = m.Node, cmp.Or(m.Raft, row.RaftAddress), cmp.Or(row.Address, m.Address)
		member.State = s.state(m, row)
		if m.Node == s.node {
			s.addOwn(&member)
		}
		member.Lag = s.lag(member, row)
		out = append(out, member)
	}
	for _, row := range s.rows {
		if !slices.ContainsFunc(out, func(m wire.Member) bool { return m.Node == row.ID }) {
			gone := viewMember(row)
			gone.State = wire.MemberGone
			out = append(out, gone)
		}
	}
	slices.SortFunc(out, func(a, b wire.Member) int { return cmp.Compare(a.Node, b.Node) })
	return out
}

func (s clusterSight) row(node string) (store.Master, bool) {
	at := slices.IndexFunc(s.rows, func(m store.Master) bool { return m.ID == node })
	if at < 0 {
		return store.Master{}, false
	}
	return s.rows[at], true
}

// viewMember is a master by its own description, but for what only the others
// can say. Its key for calls between masters stays here.
func viewMember(row store.Master) wire.Member {
	return wire.Member{
		Node: row.ID, Address: row.Address, Raft: row.RaftAddress, Version: row.Version, LastSeen: row.LastSeen, StartedAt: row.StartedAt,
		RaftTerm: row.RaftTerm, Applied: row.AppliedIndex, ClockOffset: row.ClockOffset, DatabaseMicros: row.DatabaseMicros, Refused: row.Refused,
	}
}

// addOwn adds what the answering master knows of itself at this moment.
func (s clusterSight) addOwn(m *wire.Member) {
	m.Version, m.LastSeen = s.version, s.now
	m.RaftTerm, m.Applied = int64(s.raft.RaftTerm), int64(s.raft.Applied) //nolint:gosec // far below 2^63
	m.Refused = s.raft.Refused
	if s.database.Micros > 0 {
		m.DatabaseMicros = s.database.Micros
	}
}

// lag is how many entries of raft's log a master has yet to apply, by its last
// description: 0 for one that was never heard of. The log is as long as the
// longest that anybody knows.
func (s clusterSight) lag(m wire.Member, row store.Master) int64 {
	if m.State == wire.MemberUnknown || (row.ID == "" && m.Node != s.node) {
		return 0
	}
	last := int64(s.raft.LastIndex) //nolint:gosec // far below 2^63
	for _, r := range s.rows {
		if s.fresh(r) {
			last = max(last, r.LastIndex)
		}
	}
	return max(0, last-m.Applied)
}

func (s clusterSight) fresh(row store.Master) bool {
	silence := memberSilence
	if row.State == "leader" {
		silence = leaderSilence
	}
	return row.ID != "" && s.now-row.LastSeen <= silence.Milliseconds()
}

// state is what a member is, in the words of package wire.
func (s clusterSight) state(m election.Member, row store.Master) string {
	switch {
	case m.Node == s.node:
		return s.ownState()
	case s.rows == nil && m.Leader:
		return wire.MemberClaiming // the database would have to say whether it leads
	case row.ID == "":
		return wire.MemberUnknown
	case !s.fresh(row):
		return wire.MemberSilent
	case s.leads(m, row):
		return wire.MemberLeader
	case row.State == "leader" || m.Leader:
		return wire.MemberClaiming
	}
	return wire.MemberFollower
}

func (s clusterSight) ownState() string {
	switch {
	case s.raft.Epoch > 0:
		return wire.MemberLeader
	case s.raft.State == "leader":
		return wire.MemberClaiming
	}
	return wire.MemberFollower
}

// leads reports whether another master leads the database's present term: by
// its own word or, until it has described itself in that term, by raft's.
func (s clusterSight) leads(m election.Member, row store.Master) bool {
	if s.reign.Holder != m.Node || s.raft.Epoch > 0 {
		return false
	}
	return row.Epoch == s.reign.Epoch || (m.Leader && row.LastSeen < s.reign.Since)
}
