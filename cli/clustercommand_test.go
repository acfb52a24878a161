package cli

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"capricornus/common/fault"
	"capricornus/common/wire"
)

// threeMasters is a healthy cluster, as m1, which leads, sees it at noon.
func threeMasters() wire.Cluster {
	now := noon().UnixMilli()
	c := wire.Cluster{
		Version: "v1", Node: "m1", ID: "Q7XB", Leader: "m1", Epoch: 7, Since: now - 200_000, RaftTerm: 9, Quorum: 2,
		Database: wire.Database{Engine: "mysql", Version: "10.11.14-MariaDB", Schema: 9, Micros: 740},
		Services: []wire.Service{
			{Name: "depend", StartedAt: now - 2_080, EndedAt: now - 2_000, SucceededAt: now - 2_000, Every: 5_000, Epoch: 7},
			{Name: "timeout", Epoch: 7},
		},
	}
	for i, name := range []string{"m1", "m2", "m3"} {
		c.Masters = append(c.Masters, wire.Member{
			Node: name, State: wire.MemberFollower, Address: "http://" + name + ":8080", Raft: name + ":7400", Version: "v1",
			LastSeen: now - int64(i)*4_000, Applied: 40, ClockOffset: int64(-2 * i), DatabaseMicros: 800 + int64(i)*10_000,
		})
	}
	c.Masters[0].State = wire.MemberLeader
	return c
}

// brokenMasters is what m2 sees of a cluster in which much is wrong.
func brokenMasters() wire.Cluster {
	now := noon().UnixMilli()
	c := threeMasters()
	c.Node, c.Since = "m2", now-3_600_000
	c.Masters[1].LastSeen, c.Masters[1].ClockOffset, c.Masters[1].Lag = now, 3_200, 400
	c.Masters[1].Refused = "claim the term: the database belongs to another cluster"
	c.Masters[1].Version = "v2"
	c.Masters[2].State, c.Masters[2].LastSeen = wire.MemberSilent, now-300_000
	c.Masters = append(c.Masters, wire.Member{Node: "m9", State: wire.MemberGone, LastSeen: now - 3_000, Version: "v1"})
	c.Services[0].Error, c.Services[0].SucceededAt = "deadlock\nfound", now-3_000_000
	return c
}

func TestClusterStatus(t *testing.T) {
	for name, cluster := range map[string]wire.Cluster{"cluster-status": threeMasters(), "cluster-status-trouble": brokenMasters()} {
		got := at(newMaster(t, map[string]any{"GET /cluster": cluster})).run(t, "cluster", "status")
		if got.code != exitDone || got.err != "" {
			t.Errorf("%s: got %+v, want %d", name, got, exitDone)
		}
		golden(t, name, got.out)
	}
	m := newMaster(t, map[string]any{"GET /cluster": threeMasters()})
	for form, want := range map[string]string{"name": "m1\nm2\nm3\n", "json": `"leader": "m1"`, "yaml": "leader: m1"} {
		if got := at(m).run(t, "cluster", "status", "-o", form); got.code != exitDone || !strings.Contains(got.out, want) {
			t.Errorf("-o %s: got %+v, want %q", form, got, want)
		}
	}
	if got := nowhere(t).run(t, "cluster", "status"); got.code != exitNoMaster {
		t.Errorf("got %+v, want %d when nobody answers", got, exitNoMaster)
	}
}

func TestWhatIsSaidOfACluster(t *testing.T) {
	now := noon().UnixMilli()
	silent := func(c *wire.Cluster, at ...int) {
		for _, i := range at {
			c.Masters[i].State, c.Masters[i].LastSeen = wire.MemberSilent, now-300_000
		}
	}
	cases := map[string]struct {
		change func(*wire.Cluster)
		want   []string
	}{
		"Health":   {func(*wire.Cluster) {}, nil},
		"NoLeader": {func(c *wire.Cluster) { c.Leader = "" }, []string{"nobody leads"}},
		"OneSilent": {func(c *wire.Cluster) { silent(c, 2) },
			[]string{"without m3 there is just a majority: do not stop another", "m3 has not been heard of for 5m00s"}},
		"TwoSilent": {func(c *wire.Cluster) { silent(c, 1, 2); c.Leader = "" },
			[]string{"nobody leads", "1 of 3 masters are heard of and 2 are needed: start m2 or m3", "m2 has not", "m3 has not"}},
		"TwoVersions":  {func(c *wire.Cluster) { c.Masters[2].Version = "v2" }, []string{"2 versions are running: v1 (m1, m2), v2 (m3)"}},
		"AnEvenNumber": {func(c *wire.Cluster) { c.Masters, c.Quorum = c.Masters[:2], 2 }, []string{"2 masters bear no more failures than 1"}},
		"OneAlone":     {func(c *wire.Cluster) { c.Masters, c.Quorum = c.Masters[:1], 1 }, nil},
		"AClockAhead":  {func(c *wire.Cluster) { c.Masters[1].ClockOffset = -2_000 }, []string{"m2 has a clock 2.0s ahead of the database's"}},
		"AClockBehind": {func(c *wire.Cluster) { c.Masters[1].ClockOffset = 2_000 }, []string{"m2 has a clock 2.0s behind the database's"}},
		"BehindInTheLog": {func(c *wire.Cluster) { c.Masters[2].Lag = 257 },
			[]string{"m3 has yet to apply 257 entries"}},
		"Refused": {func(c *wire.Cluster) { c.Leader, c.Masters[1].Refused = "", "another cluster's" },
			[]string{"nobody leads", "m2 could not lead: another cluster's"}},
		"RefusedLongAgo": {func(c *wire.Cluster) { c.Masters[1].Refused = "another cluster's" }, nil},
		"StillRuns":      {func(c *wire.Cluster) { c.Masters[2].State = wire.MemberGone }, []string{"2 masters bear", "m3 is no member and runs"}},
		"NoDatabase": {func(c *wire.Cluster) {
			c.Database.Error, c.Leader, c.Services = "the database does not answer", "", nil
			c.Masters[0].State, c.Masters[2].State, c.Masters[2].LastSeen = wire.MemberClaiming, wire.MemberUnknown, 1
		}, []string{"the database does not answer: nothing is decided", "m1 is followed and does not lead"}},
		"ASlowDatabase": {func(c *wire.Cluster) { c.Database.Micros = 150_000 }, []string{"a question to the database takes 150ms"}},
		"ALateDuty": {func(c *wire.Cluster) { c.Since, c.Services[0].SucceededAt = now-600_000, now-76_000 },
			[]string{"depend should run every 5.0s and has not succeeded for 1m16s"}},
		"ADutyOfAYoungTerm": {func(c *wire.Cluster) { c.Since, c.Services[0].SucceededAt = now-70_000, 0 }, nil},
		"AFailedDuty":       {func(c *wire.Cluster) { c.Services[0].Error = "deadlock" }, []string{"depend has failed lately: deadlock"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			cluster := threeMasters()
			c.change(&cluster)
			got := clusterWarnings(cluster, now)
			if len(got) != len(c.want) {
				t.Fatalf("got %q, want %q", got, c.want)
			}
			for i := range got {
				if !strings.HasPrefix(got[i], c.want[i]) {
					t.Errorf("got %q, want %q", got[i], c.want[i])
				}
			}
		})
	}
}

// terms answers with the leader that a look at the cluster finds each time, and
// the last for ever; an epoch of 0 is a master that does not answer.
func terms(all ...wire.Cluster) http.HandlerFunc {
	var looks atomic.Int64 // a look that took too long may still be served
	return func(w http.ResponseWriter, _ *http.Request) {
		c := all[min(int(looks.Add(1))-1, len(all)-1)]
		if c.Epoch == 0 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		answerJSON(w, c)
	}
}

func led(by string, epoch int64) wire.Cluster {
	c := threeMasters()
	c.Leader, c.Epoch = by, epoch
	return c
}

func TestTransferWaitsForTheNewTerm(t *testing.T) {
	handed := wire.ClusterReply{Changed: true, Leader: "m2", Masters: []string{"m1", "m2", "m3"}}
	cases := map[string]struct {
		args  string
		reply any
		looks []wire.Cluster
		code  int
		err   string
	}{
		"ToOne":     {"m2", handed, []wire.Cluster{led("m1", 7), led("m1", 7), {}, led("", 8), led("m2", 8)}, exitDone, "m2 leads, term 8; m1 before, term 7\n"},
		"ToAnybody": {"", handed, []wire.Cluster{led("m1", 7), led("m3", 8)}, exitDone, "m3 leads, term 8; m1 before, term 7\n"},
		"Already":   {"m1", wire.ClusterReply{Leader: "m1"}, []wire.Cluster{led("m1", 7)}, exitDone, "m1 leads already, term 7\n"},
		"Another": {"m2 --timeout 50ms", handed, []wire.Cluster{led("m1", 7), led("m3", 8)}, exitTimeout,
			"capri: leadership was handed over, and after 50ms m3 leads\n  capri cluster status shows how it stands; capri doctor looks for the reason\n"},
		"Refused": {"m9", problem(fault.NotFound, http.StatusNotFound, `there is no master "m9" in this cluster`), []wire.Cluster{led("m1", 7)}, exitNotFound,
			"capri: there is no master \"m9\" in this cluster\n"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			m := newMaster(t, map[string]any{"GET /cluster": terms(c.looks...), "POST /cluster/transfer": c.reply})
			got := at(m).run(t, append(strings.Fields("cluster transfer "+c.args), "--reason", "new kernel")...)
			if got.code != c.code || got.err != c.err || got.out != "" {
				t.Errorf("got %+v, want %d, %q", got, c.code, c.err)
			}
			want := `{"reason":"new kernel"}`
			if node, _, _ := strings.Cut(c.args, " "); node != "" {
				want = fmt.Sprintf(`{"node":%q,"reason":"new kernel"}`, node)
			}
			if m.body("POST /cluster/transfer") != want {
				t.Errorf("got %s, want %s", m.body("POST /cluster/transfer"), want)
			}
		})
	}
}

func TestMastersAreTakenInAndOut(t *testing.T) {
	m := newMaster(t, map[string]any{
		"GET /cluster":                    threeMasters(),
		"POST /cluster/members":           wire.ClusterReply{Changed: true, Leader: "m1", Masters: []string{"m1", "m2", "m3", "m4"}},
		"POST /cluster/members/m3/remove": wire.ClusterReply{Changed: true, Leader: "m1", Masters: []string{"m1", "m2"}},
		"POST /cluster/members/m9/remove": wire.ClusterReply{Leader: "m1", Masters: []string{"m1", "m2"}},
	})
	for args, want := range map[string]string{
		"cluster join m4 m4:7400 --reason r": "m4 is a master of this cluster: m1, m2, m3, m4\n  it counts at once: 3 of 4 masters must be there; capri cluster status shows when",
		"cluster remove m3 --reason r --yes": "m3 is no master of this cluster any more: m1, m2\n  stop it, and delete its raft directory before it is ever taken in again; 2 of 2 masters must be there\n",
		"cluster remove m9 --reason r --yes": "m9 was no member any more; what was left of it is forgotten\n",
	} {
		if got := at(m).run(t, strings.Fields(args)...); got.code != exitDone || !strings.HasPrefix(got.err, want) || got.out != "" {
			t.Errorf("%s: got %+v, want %q", args, got, want)
		}
	}
	if got := at(m).run(t, "cluster", "remove", "m3", "--reason", "r", "--yes", "-o", "name"); got.out != "m1\nm2\n" {
		t.Errorf("got %+v, want those that are left", got)
	}
	if want := `{"node":"m4","raft":"m4:7400","reason":"r"}`; m.body("POST /cluster/members") != want {
		t.Errorf("got %s, want %s", m.body("POST /cluster/members"), want)
	}
}

func TestRemovalAsksWithWhatItMeans(t *testing.T) {
	four := threeMasters()
	four.Masters = append(four.Masters, wire.Member{Node: "m4", State: wire.MemberSilent, LastSeen: noon().Add(-time.Hour).UnixMilli()})
	lost := threeMasters()
	lost.Masters[1].State, lost.Masters[2].State = wire.MemberSilent, wire.MemberSilent
	for name, c := range map[string]struct {
		cluster wire.Cluster
		node    string
		want    string
	}{
		"OneOfThree":  {threeMasters(), "m3", "Remove m3? 2 masters left, 2 of them must be there and 2 heard of: none may fail then. [y/N]"},
		"TheLeader":   {threeMasters(), "m1", "none may fail then; it leads, and hands over first. [y/N]"},
		"ASilentOne":  {four, "m4", "Remove m4? 3 masters left, 2 of them must be there and 3 heard of: 1 may fail then. [y/N]"},
		"TheMajority": {lost, "m1", "that is no majority, nothing would be decided"},
	} {
		m := newMaster(t, map[string]any{"GET /cluster": c.cluster})
		s := at(m)
		s.terminal, s.stdin = true, "n\n"
		got := s.run(t, "cluster", "remove", c.node, "--reason", "r")
		if got.code != exitFailed || !strings.Contains(got.err, c.want) || m.asked("POST /cluster/members/"+c.node+"/remove") {
			t.Errorf("%s: got %+v, want %q asked and a no taken", name, got, c.want)
		}
	}
}

func TestClusterCommandsThatCannotBeMeant(t *testing.T) {
	for args, want := range map[string]string{
		"cluster transfer m2":                         "--reason is wanted",
		"cluster transfer m2 --reason r --timeout 0s": "not a time to come",
		"cluster join m4 --reason r":                  "wants 2 arguments",
		"cluster join m4 m4:7400":                     "--reason is wanted",
		"cluster remove m3":                           "--reason is wanted",
		"cluster remove m3 --reason r":                "give --yes",
	} {
		if got := at(newMaster(t, nil)).run(t, strings.Fields(args)...); got.code != exitUsage || !strings.Contains(got.err, want) {
			t.Errorf("%s: got %+v, want %d, %q", args, got, exitUsage, want)
		}
	}
}
