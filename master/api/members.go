package api

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"capricornus/common/fault"
	"capricornus/common/logs"
	"capricornus/common/permit"
	"capricornus/common/store"
	"capricornus/common/wire"
	"capricornus/master/election"
)

// memberTimeout bounds a change of the members: raft writes it on a majority,
// and a transfer waits for the other to catch up.
const memberTimeout = 30 * time.Second

func (a *api) memberRoutes() {
	call(a, route{method: http.MethodGet, path: root + "/cluster", may: permit.View, id: "get-cluster", tag: tagCluster,
		summary: "The masters, who leads since when, the database, and the duties with their last runs"}, a.showCluster)
	post(a, route{method: http.MethodPost, path: root + "/cluster/transfer", may: permit.ChangeMasters, id: "transfer-leadership", tag: tagCluster,
		leader: true, timeout: memberTimeout, summary: "Hand leadership to another master, or to the most up to date one"}, a.transfer)
	post(a, route{method: http.MethodPost, path: root + "/cluster/members", may: permit.ChangeMasters, id: "join-master", tag: tagCluster,
		leader: true, timeout: memberTimeout, summary: "Take a master that was started with raft.join into the cluster"}, a.join)
	remove := route{method: http.MethodPost, path: root + "/cluster/members/{node}/remove", may: permit.ChangeMasters, id: "remove-master", tag: tagCluster,
		leader: true, timeout: memberTimeout, summary: "Take a master out of the cluster for good"}
	call(a, remove, a.remove)
	describeBody[wire.MemberRequest](a, remove)
}

type memberInput struct {
	Node    string `path:"node" maxLength:"100" doc:"name of the master"`
	RawBody []byte
}

// membership is one change of the members: what is asked, and what the journal
// of people's doings keeps of it.
type membership struct {
	action, node, reason string
	do                   func(context.Context) error // nil: it is so already
	forget               bool                        // the master's row goes with it
}

func (a *api) transfer(ctx context.Context, req *wire.MemberRequest) (wire.ClusterReply, error) {
	if err := checkMember(req.Node, req.Reason, req.Node != ""); err != nil {
		return wire.ClusterReply{}, err
	}
	before, err := a.memberStatus()
	if err != nil {
		return wire.ClusterReply{}, err
	}
	m := membership{action: "cluster.transfer", node: req.Node, reason: req.Reason, do: func(ctx context.Context) error { return a.Members.Transfer(ctx, req.Node) }}
	if req.Node != "" && req.Node == raftLeader(before) {
		m.do = nil
	}
	return a.change(ctx, before, m)
}

func (a *api) join(ctx context.Context, req *wire.JoinRequest) (wire.ClusterReply, error) {
	if err := errors.Join(checkMember(req.Node, req.Reason, true), checkRaft(req.Raft)); err != nil {
		return wire.ClusterReply{}, err
	}
	before, err := a.memberStatus()
	if err != nil {
		return wire.ClusterReply{}, err
	}
	m := membership{action: "cluster.join", node: req.Node, reason: req.Reason, do: func(ctx context.Context) error { return a.Members.Join(ctx, req.Node, req.Raft) }}
	if at := memberAt(before, req.Node); at >= 0 && before.Members[at].Raft == req.Raft {
		m.do = nil
	}
	return a.change(ctx, before, m)
}

// remove takes a member out, and its row of the masters away. Of a master that
// is no member any more the row alone is left to go.
func (a *api) remove(ctx context.Context, in *memberInput) (wire.ClusterReply, error) {
	req, err := decode[wire.MemberRequest](in.RawBody, false)
	if err != nil {
		return wire.ClusterReply{}, err
	}
	if req.Node != "" && req.Node != in.Node {
		return wire.ClusterReply{}, fault.New(fault.Usage, "the body names %q and the path %q: which master is meant?", req.Node, in.Node)
	}
	if err := checkMember(in.Node, req.Reason, true); err != nil {
		return wire.ClusterReply{}, err
	}
	before, err := a.memberStatus()
	if err != nil {
		return wire.ClusterReply{}, err
	}
	m := membership{action: "cluster.remove", node: in.Node, reason: req.Reason, forget: true, do: func(ctx context.Context) error { return a.Members.Remove(ctx, in.Node) }}
	if memberAt(before, in.Node) >= 0 {
		return a.change(ctx, before, m)
	}
	left, err := a.hasRow(ctx, in.Node)
	if err != nil {
		return wire.ClusterReply{}, err
	}
	if !left {
		return wire.ClusterReply{}, noMember(in.Node, before)
	}
	m.do = nil
	return a.change(ctx, before, m)
}

// hasRow reports whether a master has described itself.
func (a *api) hasRow(ctx context.Context, node string) (found bool, err error) {
	err = a.DB.View(ctx, func(t *store.ViewTx) error {
		rows, err := t.Masters(ctx)
		found = slices.ContainsFunc(rows, func(m store.Master) bool { return m.ID == node })
		return err
	})
	return found, err
}

func (a *api) memberStatus() (election.Status, error) {
	if a.Members == nil {
		return election.Status{}, a.memberFault(election.ErrAlone, "", election.Status{})
	}
	return a.Members.Status(), nil
}

// change does it and writes it down. Raft remembers the members, the database
// who has changed them: these are two memories, so the second can fail alone.
// Then the change stands, and the answer is an error that says so; saying it
// again changes nothing and writes the row.
func (a *api) change(ctx context.Context, before election.Status, m membership) (wire.ClusterReply, error) {
	if m.do != nil {
		if err := m.do(ctx); err != nil {
			return wire.ClusterReply{}, a.memberFault(err, m.node, before)
		}
	}
	after := a.Members.Status()
	reply := wire.ClusterReply{Changed: m.do != nil, Leader: raftLeader(after), Masters: memberNames(after)}
	if err := a.writeDown(ctx, before, after, m); err != nil {
		a.Log.Error("change of the masters has no audit row", slog.String(logs.Node, m.node),
			slog.String(logs.Reason, m.action+": "+m.reason), slog.String(logs.User, callerOf(ctx).name), logs.Error(err))
		return reply, fault.Wrap(fault.Unavailable, err, "it is done (%s), but the database did not take down who did it", strings.Join(reply.Masters, ", ")).
			WithHint("say it again once the database answers: it changes nothing more and is written down then")
	}
	return reply, nil
}

// auditTimeout bounds the wait for the audit row, which is written even when
// the caller has gone: the change is done.
const auditTimeout = 5 * time.Second

func (a *api) writeDown(ctx context.Context, before, after election.Status, m membership) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), auditTimeout)
	defer cancel()
	detail, err := json.Marshal(map[string]any{
		"before": membersOf(before), "after": membersOf(after), "leaderBefore": raftLeader(before), "leaderAfter": raftLeader(after),
		"changed": m.do != nil, "reason": m.reason,
	})
	if err != nil {
		return err
	}
	id, err := a.DB.ID(ctx)
	if err != nil {
		return err
	}
	who, object := callerOf(ctx), m.node
	if object == "" {
		object = raftLeader(after)
	}
	return a.DB.Operate(ctx, who.actor(), func(t *store.OperateTx) error {
		if m.forget {
			if err := t.ForgetMaster(ctx, m.node); err != nil {
				return err
			}
		}
		return t.Audit(ctx, store.Audit{ID: id, Action: m.action, Object: object, Source: who.source, Detail: string(detail)})
	})
}

// memberFault says why a change was refused, and what would be right.
func (a *api) memberFault(err error, node string, status election.Status) error {
	switch {
	case errors.Is(err, election.ErrNotLeader):
		return a.notLeader()
	case errors.Is(err, election.ErrNoMember):
		return noMember(node, status)
	case errors.Is(err, election.ErrMember):
		return fault.Wrap(fault.Conflict, err, "master %s was not taken in: %v", node, err).
			WithHint("capri cluster status shows them; to give a name or an address to another machine, remove the old master first")
	case errors.Is(err, election.ErrUnreachable):
		return fault.Wrap(fault.Conflict, err, "master %s does not answer on its raft port, so nothing was changed", node).
			WithHint("start it first, a new one with raft.join: true; then see that the masters reach each other's raft ports, with certificates of the same CA")
	case errors.Is(err, election.ErrQuorum):
		return fault.Wrap(fault.Conflict, err, "without %s there would be no majority of masters", node).
			WithHint("start another master first, or take a new one in; capri cluster status shows who is heard of")
	case errors.Is(err, election.ErrAlone):
		return fault.Wrap(fault.Conflict, err, "this master is alone: it has no raft port that others could reach").
			WithHint("name it among raft.peers in its configuration, with the address of its raft port, and start it again")
	case errors.Is(err, context.DeadlineExceeded):
		return fault.Wrap(fault.Timeout, err, "it is not known to a majority of the masters yet; it may still come about").
			WithHint("capri cluster status shows how it stands; saying it again does no harm")
	}
	return err
}

func noMember(node string, status election.Status) error {
	return fault.New(fault.NotFound, "there is no master %q in this cluster", node).WithHint("there are: %s", strings.Join(memberNames(status), ", "))
}

var nodePattern = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9._-]{0,99}$`)

// checkMember checks what people say about a master.
func checkMember(node, reason string, named bool) error {
	if named && !nodePattern.MatchString(node) {
		return fault.New(fault.Invalid, "%q is not the name of a master: write letters, digits, dots, dashes and underscores, at most 100", node)
	}
	if strings.TrimSpace(reason) == "" || len(reason) > maxNote {
		return fault.New(fault.Invalid, "the reason has %d bytes; it has 1 to %d", len(reason), maxNote)
	}
	return nil
}

// checkRaft wants an address that the other masters can reach.
func checkRaft(address string) error {
	host, port, err := net.SplitHostPort(address)
	n, bad := strconv.Atoi(port)
	if err != nil || bad != nil || host == "" || n < 1 || n > 65535 || len(address) > 200 {
		return fault.New(fault.Invalid, "%q is not the address of a raft port: write host:port, for example m4:7400", address)
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		return fault.New(fault.Invalid, "%q is what the master listens on, not where others reach it: write its name or address, for example m4:%s", address, port)
	}
	return nil
}

func raftLeader(s election.Status) string {
	for _, m := range s.Members {
		if m.Leader {
			return m.Node
		}
	}
	return ""
}

func memberAt(s election.Status, node string) int {
	return slices.IndexFunc(s.Members, func(m election.Member) bool { return m.Node == node })
}

func memberNames(s election.Status) []string {
	names := make([]string, len(s.Members))
	for i, m := range s.Members {
		names[i] = m.Node
	}
	slices.Sort(names)
	return names
}

// membersOf is how the members stood, for the audit row.
func membersOf(s election.Status) map[string]string {
	out := make(map[string]string, len(s.Members))
	for _, m := range s.Members {
		out[m.Node] = m.Raft
	}
	return out
}
