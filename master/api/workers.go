package api

import (
	"cmp"
	"context"
	"net/http"
	"net/url"

	"capricornus/common/fault"
	"capricornus/common/permit"
	"capricornus/common/wire"
)

const tagWorker = "worker"

// Limits of the worker protocol.
const (
	factsLimit  = 16 << 20 // 500 facts with their tails
	maxFacts    = 5000
	maxNotices  = 1000
	maxHostName = 100
	maxAddress  = 200
)

func (a *api) workerRoutes() {
	post(a, route{method: http.MethodPost, path: wire.PathHeartbeat, may: permit.WorkerCalls, id: "heartbeat", tag: tagWorker, lenient: true,
		summary: "A worker says how its host is"}, a.heartbeat)
	post(a, route{method: http.MethodPost, path: wire.PathClaim, may: permit.WorkerCalls, id: "claim", tag: tagWorker, lenient: true,
		summary: "A worker asks the leader for work, by long poll", timeout: endless}, a.claim)
	post(a, route{method: http.MethodPost, path: wire.PathFacts, may: permit.WorkerCalls, id: "facts", tag: tagWorker, lenient: true,
		summary: "A worker reports what became of attempts", limit: factsLimit}, a.facts)
	post(a, route{method: http.MethodPost, path: wire.PathNotices, may: permit.WorkerCalls, id: "notices", tag: tagWorker, lenient: true,
		summary: "A worker tells what people should know of its host"}, a.notices)
	post(a, route{method: http.MethodPost, path: wire.PathUserCodes, may: permit.WorkerCalls, id: "user-code", tag: tagWorker,
		summary: "What the script of a running attempt returned, before the attempt is judged"}, a.userCode)
}

func (a *api) heartbeat(ctx context.Context, beat *wire.Heartbeat) (wire.HeartbeatReply, error) {
	if err := checkHost(beat.Host); err != nil {
		return wire.HeartbeatReply{}, err
	}
	if beat.Incarnation == "" || beat.CheckInterval <= 0 || beat.Slots < 0 {
		return wire.HeartbeatReply{}, fault.New(fault.Invalid, "the heartbeat of %s lacks its incarnation or check interval", beat.Host)
	}
	if beat.Address != "" {
		if _, err := workerAddress(beat.Address); err != nil {
			return wire.HeartbeatReply{}, err
		}
	}
	if err := callerOf(ctx).ofHost(beat.Host); err != nil {
		return wire.HeartbeatReply{}, err
	}
	reply, err := a.Intake.Beat(ctx, *beat)
	if err == nil {
		a.hosts.learn(beat.Host, callerOf(ctx).tokenHash)
	}
	return reply, err
}

func (a *api) claim(ctx context.Context, claim *wire.Claim) (wire.ClaimReply, error) {
	if err := checkHost(claim.Host); err != nil {
		return wire.ClaimReply{}, err
	}
	if err := callerOf(ctx).ofHost(claim.Host); err != nil {
		return wire.ClaimReply{}, err
	}
	if !a.IsLeader() {
		return wire.ClaimReply{}, a.notLeader()
	}
	return a.Intake.Claim(ctx, *claim)
}

func (a *api) facts(ctx context.Context, req *wire.FactsRequest) (wire.FactsReply, error) {
	if len(req.Facts) > maxFacts {
		return wire.FactsReply{}, fault.New(fault.TooLarge, "more than %d facts in one call", maxFacts)
	}
	who := callerOf(ctx)
	for i := range req.Facts {
		if err := cmp.Or(checkHost(req.Facts[i].Host), who.ofHost(req.Facts[i].Host)); err != nil {
			return wire.FactsReply{}, err
		}
	}
	return a.Intake.Facts(ctx, *req)
}

func (a *api) notices(ctx context.Context, req *wire.NoticesRequest) (wire.NoticesReply, error) {
	if len(req.Notices) > maxNotices {
		return wire.NoticesReply{}, fault.New(fault.TooLarge, "more than %d notices in one call", maxNotices)
	}
	who := callerOf(ctx)
	for i := range req.Notices {
		if err := cmp.Or(checkHost(req.Notices[i].Host), who.ofHost(req.Notices[i].Host)); err != nil {
			return wire.NoticesReply{}, err
		}
	}
	return a.Intake.Notices(ctx, *req)
}

// userCode takes the code of a script that has ended, as the fact of that kind
// (seed A3-61): from who runs the attempt, and the first code stands.
func (a *api) userCode(ctx context.Context, code *wire.UserCode) (done, error) {
	if err := cmp.Or(checkHost(code.Host), callerOf(ctx).ofHost(code.Host)); err != nil {
		return done{}, err
	}
	if code.Code == nil || code.WorkID <= 0 || code.Attempt <= 0 {
		return done{}, fault.New(fault.Invalid, "a returned code needs workId, attempt, host, incarnation and code")
	}
	reply, err := a.Intake.Facts(ctx, wire.FactsRequest{Facts: []wire.Fact{{
		Kind: wire.FactCode, WorkID: code.WorkID, Attempt: code.Attempt, Host: code.Host, Incarnation: code.Incarnation, ExitCode: code.Code,
	}}})
	switch {
	case err != nil:
		return done{}, err
	case reply.Verdicts[0] == wire.VerdictOK:
		return done{Done: true}, nil
	case reply.Verdicts[0] == wire.VerdictNo:
		return done{}, fault.New(fault.Conflict, "attempt %d of batch %d has returned another code than %d before; the first one stands", code.Attempt, code.WorkID, *code.Code)
	}
	return done{}, fault.New(fault.Conflict, "attempt %d of batch %d does not run on %s", code.Attempt, code.WorkID, code.Host).
		WithHint("a code is taken from the host that runs the attempt, while it runs")
}

// checkHost refuses what cannot be the name of a host.
func checkHost(name string) error {
	if name == "" || len(name) > maxHostName {
		return fault.New(fault.Invalid, "a worker has a host name of 1 to %d characters", maxHostName)
	}
	for _, c := range name {
		ok := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '.'
		if !ok {
			return fault.New(fault.Invalid, "%q is no host name", name).WithHint("letters, digits, dots, dashes and underscores")
		}
	}
	return nil
}

// workerAddress reads the address a worker serves its logs at: a host and a
// port, nothing a call could be led astray by.
func workerAddress(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	good := err == nil && len(text) <= maxAddress && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" && u.User == nil &&
		(u.Path == "" || u.Path == "/") && u.RawQuery == "" && u.Fragment == ""
	if !good {
		return nil, fault.New(fault.Invalid, "%q is not the address of a worker", text).WithHint("write http://host:port")
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host}, nil
}
