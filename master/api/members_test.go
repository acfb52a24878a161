package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"capricornus/common/fault"
	"capricornus/common/store"
	"capricornus/common/wire"
	"capricornus/master/election"
)

// members stands for raft: it changes as it is told, or refuses.
type members struct {
	mu     sync.Mutex
	status election.Status
	calls  []string
	refuse error
}

// threeMembers are m1, which answers and is followed, m2 and m3.
func threeMembers() *members {
	status := election.Status{Node: "m1", Raft: "m1:7400", State: "leader", ClusterID: "C1", RaftTerm: 4, LastIndex: 40, Applied: 40}
	for _, name := range []string{"m1", "m2", "m3"} {
		status.Members = append(status.Members, election.Member{Node: name, Raft: name + ":7400", Address: "http://" + name + ":8080", Leader: name == "m1"})
	}
	return &members{status: status}
}

func (m *members) Status() election.Status {
	m.mu.Lock()
	defer m.mu.Unlock()
	copied := m.status
	copied.Members = slices.Clone(m.status.Members)
	return copied
}

func (m *members) act(call string, change func()) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls = append(m.calls, call)
	if m.refuse == nil {
		change()
	}
	return m.refuse
}

func (m *members) Transfer(_ context.Context, to string) error {
	return m.act("transfer "+to, func() {
		for i := range m.status.Members {
			m.status.Members[i].Leader = m.status.Members[i].Node == to || (to == "" && i == 1)
		}
	})
}

func (m *members) Join(_ context.Context, node, address string) error {
	return m.act("join "+node+" "+address, func() {
		m.status.Members = append(m.status.Members, election.Member{Node: node, Raft: address})
	})
}

func (m *members) Remove(_ context.Context, node string) error {
	return m.act("remove "+node, func() {
		m.status.Members = slices.DeleteFunc(m.status.Members, func(o election.Member) bool { return o.Node == node })
	})
}

// describe puts a master's description of itself into the database.
func (r *rig) describe(row store.Master) {
	r.t.Helper()
	err := r.world.DB.Work(r.t.Context(), store.Actor{Kind: "master", ID: row.ID}, func(t *store.WorkTx) error { return t.PutMaster(r.t.Context(), row) })
	if err != nil {
		r.t.Fatal(err)
	}
}

func TestMembersAreChangedOnceAndWrittenDownEachTime(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		path, body string
		want       wire.ClusterReply
		call       string
		action     string
		object     string
		again      string // calls of raft after the second time
	}{
		"Join": {
			"/cluster/members", `{"node":"m4","raft":"m4:7400","reason":"more room"}`,
			wire.ClusterReply{Changed: true, Leader: "m1", Masters: []string{"m1", "m2", "m3", "m4"}}, "join m4 m4:7400", "cluster.join", "m4", "",
		},
		"Remove": {
			"/cluster/members/m3/remove", `{"reason":"the board is burnt"}`,
			wire.ClusterReply{Changed: true, Leader: "m1", Masters: []string{"m1", "m2"}}, "remove m3", "cluster.remove", "m3", "",
		},
		"Transfer": {
			"/cluster/transfer", `{"node":"m2","reason":"a new kernel"}`,
			wire.ClusterReply{Changed: true, Leader: "m2", Masters: []string{"m1", "m2", "m3"}}, "transfer m2", "cluster.transfer", "m2", "",
		},
		"TransferToAnybody": {
			"/cluster/transfer", `{"reason":"a new kernel"}`,
			wire.ClusterReply{Changed: true, Leader: "m2", Masters: []string{"m1", "m2", "m3"}}, "transfer ", "cluster.transfer", "m2", "transfer ",
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			var got wire.ClusterReply
			r.must(http.MethodPost, root+c.path, "admin", c.body, &got)
			if fmt.Sprint(got) != fmt.Sprint(c.want) || !slices.Equal(r.members.calls, []string{c.call}) {
				t.Errorf("got %+v by %q, want %+v by %q", got, r.members.calls, c.want, c.call)
			}
			rows := func() int {
				return r.count(fmt.Sprintf("SELECT COUNT(*) FROM capri_audit_log WHERE action = '%s' AND object = '%s' AND actor = 'admin'", c.action, c.object))
			}
			if n := rows(); n != 1 {
				t.Errorf("got %d audit rows, want 1", n)
			}
			again := r.send(http.MethodPost, root+c.path, "admin", c.body)
			if want := strings.Fields(c.again); len(r.members.calls) != 1+len(want) || (again.Code != http.StatusOK && name != "Remove") {
				t.Errorf("the second time: got %d by %q, want nothing changed", again.Code, r.members.calls)
			}
		})
	}
}

func TestAuditRowsHaveTheMembersBeforeAndAfter(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.must(http.MethodPost, root+"/cluster/members/m3/remove", "admin", wire.MemberRequest{Reason: "burnt"}, nil)
	var text string
	if err := r.world.DB.Raw().QueryRowContext(t.Context(), "SELECT detail FROM capri_audit_log WHERE action = 'cluster.remove'").Scan(&text); err != nil {
		t.Fatal(err)
	}
	var detail struct {
		Before, After map[string]string
		Reason        string
		Changed       bool
	}
	if err := json.Unmarshal([]byte(text), &detail); err != nil {
		t.Fatal(err)
	}
	if len(detail.Before) != 3 || len(detail.After) != 2 || detail.Before["m3"] != "m3:7400" || detail.Reason != "burnt" || !detail.Changed {
		t.Errorf("got %s, want the members before and after", text)
	}
}

// TestRemoveFinishesWhatAnEarlierOneLeft: raft had done it, and the database
// did not answer when it was to be written down.
func TestRemoveFinishesWhatAnEarlierOneLeft(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.describe(store.Master{ID: "m3", Version: "1.2.3"})
	r.world.Change("ALTER TABLE capri_audit_log RENAME TO audit_away")
	p := r.problem(http.MethodPost, root+"/cluster/members/m3/remove", "admin", wire.MemberRequest{Reason: "burnt"})
	if p.Code != string(fault.Unavailable) || !strings.Contains(p.Detail, "it is done (m1, m2)") || !strings.Contains(p.Hint, "say it again") {
		t.Errorf("got %+v, want to be told that it is done and not written down", p)
	}
	if !strings.Contains(r.log.String(), "cluster.remove: burnt") {
		t.Errorf("got the log %s, want the change in it", r.log)
	}
	r.world.Change("ALTER TABLE audit_away RENAME TO capri_audit_log")
	var got wire.ClusterReply
	r.must(http.MethodPost, root+"/cluster/members/m3/remove", "admin", wire.MemberRequest{Reason: "burnt"}, &got)
	if got.Changed || len(r.members.calls) != 1 || r.count("SELECT COUNT(*) FROM capri_master_node WHERE id = 'm3'") != 0 ||
		r.count("SELECT COUNT(*) FROM capri_audit_log WHERE action = 'cluster.remove'") != 1 {
		t.Errorf("got %+v by %q, want the row of m3 gone and one audit row", got, r.members.calls)
	}
	if p := r.problem(http.MethodPost, root+"/cluster/members/m3/remove", "admin", wire.MemberRequest{Reason: "burnt"}); p.Code != string(fault.NotFound) || !strings.Contains(p.Hint, "m1, m2") {
		t.Errorf("got %+v, want NOT_FOUND with those that there are", p)
	}
}

func TestChangesOfMembersThatAreRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for name, c := range map[string]struct {
		path, body string
		code       fault.Code
		want       string
	}{
		"NoReason":       {"/cluster/transfer", `{}`, fault.Invalid, "the reason has 0 bytes"},
		"BlankReason":    {"/cluster/transfer", `{"reason":"  "}`, fault.Invalid, "the reason"},
		"LongReason":     {"/cluster/transfer", `{"reason":"` + strings.Repeat("x", maxNote+1) + `"}`, fault.Invalid, "401 bytes"},
		"NoNode":         {"/cluster/members", `{"raft":"m4:7400","reason":"r"}`, fault.Invalid, `"" is not the name`},
		"ABadNode":       {"/cluster/members", `{"node":"m 4","raft":"m4:7400","reason":"r"}`, fault.Invalid, `"m 4" is not the name`},
		"NoAddress":      {"/cluster/members", `{"node":"m4","reason":"r"}`, fault.Invalid, "host:port"},
		"NoPort":         {"/cluster/members", `{"node":"m4","raft":"m4","reason":"r"}`, fault.Invalid, "host:port"},
		"ABadPort":       {"/cluster/members", `{"node":"m4","raft":"m4:70000","reason":"r"}`, fault.Invalid, "host:port"},
		"Everywhere":     {"/cluster/members", `{"node":"m4","raft":"0.0.0.0:7400","reason":"r"}`, fault.Invalid, "not where others reach it"},
		"AURL":           {"/cluster/members", `{"node":"m4","raft":"http://m4:7400","reason":"r"}`, fault.Invalid, "host:port"},
		"Unknown":        {"/cluster/members/m9/remove", `{"reason":"r"}`, fault.NotFound, `there is no master "m9"`},
		"TwoNames":       {"/cluster/members/m2/remove", `{"node":"m3","reason":"r"}`, fault.Usage, "which master is meant"},
		"AMisspelledKey": {"/cluster/members/m2/remove", `{"raison":"r"}`, fault.Usage, "raison"},
	} {
		p := r.problem(http.MethodPost, root+c.path, "admin", c.body)
		if p.Code != string(c.code) || !strings.Contains(p.Detail, c.want) {
			t.Errorf("%s: got %+v, want %s, %q", name, p, c.code, c.want)
		}
	}
	if len(r.members.calls) != 0 {
		t.Errorf("got %q, want raft left alone", r.members.calls)
	}
}

func TestRefusalsOfRaftAreSentences(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for name, c := range map[string]struct {
		err  error
		code fault.Code
		want string
	}{
		"NoMember":  {election.ErrNoMember, fault.NotFound, `there is no master "m3"`},
		"Member":    {election.ErrMember, fault.Conflict, "m3 was not taken in: "},
		"Quorum":    {election.ErrQuorum, fault.Conflict, "without m3 there would be no majority"},
		"Silent":    {election.ErrUnreachable, fault.Conflict, "m3 does not answer on its raft port"},
		"Alone":     {election.ErrAlone, fault.Conflict, "it has no raft port"},
		"NotLeader": {election.ErrNotLeader, fault.Unavailable, "m1, is about to lead; try again"}, // raft follows it, and it has no term
		"Late":      {context.DeadlineExceeded, fault.Timeout, "not known to a majority"},
	} {
		r.members.refuse = fmt.Errorf("remove: %w", c.err)
		p := r.problem(http.MethodPost, root+"/cluster/members/m3/remove", "admin", wire.MemberRequest{Reason: "r"})
		if p.Code != string(c.code) || !strings.Contains(p.Detail, c.want) || p.Hint == "" && name != "NotLeader" {
			t.Errorf("%s: got %+v, want %s, %q and a hint", name, p, c.code, c.want)
		}
	}
	if n := r.count("SELECT COUNT(*) FROM capri_audit_log WHERE action LIKE 'cluster.%'"); n != 0 {
		t.Errorf("got %d audit rows for what was refused, want none", n)
	}
	r.api.Members = nil
	p := r.problem(http.MethodPost, root+"/cluster/transfer", "admin", wire.MemberRequest{Reason: "r"})
	if p.Code != string(fault.Conflict) || !strings.Contains(p.Detail, "alone") {
		t.Errorf("got %+v, want CONFLICT without raft", p)
	}
}

func TestTheClusterIsShown(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.describe(store.Master{ID: "m2", Address: "http://m2:9090", Version: "1.2.4", RaftAddress: "m2:7400", State: "follower", AppliedIndex: 38, LastIndex: 41, ClockOffset: 12, CallKey: "s3cr3t-of-m2"})
	r.describe(store.Master{ID: "m9", State: "follower", CallKey: "s3cr3t-of-m9"})
	got := r.send(http.MethodGet, root+"/cluster", "viewer", nil)
	if got.Code != http.StatusOK || strings.Contains(got.Body.String(), "s3cr3t") || strings.Contains(strings.ToLower(got.Body.String()), "callkey") {
		t.Fatalf("got %d %s, want the cluster without the masters' keys", got.Code, got.Body)
	}
	var c wire.Cluster
	if err := json.Unmarshal(got.Body.Bytes(), &c); err != nil {
		t.Fatal(err)
	}
	states := map[string]string{}
	for _, m := range c.Masters {
		states[m.Node] = m.State
	}
	want := map[string]string{"m1": wire.MemberClaiming, "m2": wire.MemberFollower, "m3": wire.MemberUnknown, "m9": wire.MemberGone}
	if fmt.Sprint(states) != fmt.Sprint(want) || c.Quorum != 2 || c.ID != "C1" || c.Node != "m1" || c.Leader != "" || c.RaftTerm != 4 {
		t.Errorf("got %+v, want %v, quorum 2 and nobody leading", c, want)
	}
	if m := c.Masters[1]; m.Version != "1.2.4" || m.Lag != 3 || m.ClockOffset != 12 || m.Address != "http://m2:9090" {
		t.Errorf("got %+v, want m2 as it described itself", m)
	}
	if c.Database.Engine != "sqlite" || c.Database.Schema == 0 || c.Database.Version == "" || c.Database.Error != "" || len(c.Services) != 3 || c.Services[0].Every != 30_000 {
		t.Errorf("got %+v and %+v, want the database and the duties", c.Database, c.Services)
	}
}

func TestTheClusterIsShownWithoutTheDatabase(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.must(http.MethodGet, root+"/cluster", "viewer", nil, nil)
	if err := r.world.DB.Close(); err != nil {
		t.Fatal(err)
	}
	var c wire.Cluster
	r.must(http.MethodGet, root+"/cluster", "viewer", nil, &c)
	if c.Database.Error == "" || len(c.Masters) != 3 || c.Masters[1].State != wire.MemberUnknown || c.Quorum != 2 || c.Services == nil {
		t.Errorf("got %+v, want the members of raft and the trouble named", c)
	}
	if p := r.problem(http.MethodGet, root+"/cluster", "developer", nil); p.Status < 500 {
		t.Errorf("got %+v, want somebody unknown left out: nobody can say who it is", p)
	}
}
