package api

import (
	"context"
	"net/http"
	"net/url"

	"capricornus/common/fault"
	"capricornus/common/wire"
)

const tagWorker = "worker"

// Limits of the worker protocol.
const (
	factsLimit  = 16 << 20 // 500 facts with their tails
	maxFacts    = 5000
	maxHostName = 100
	maxAddress  = 200
)

func (a *api) workerRoutes() {
	post(a, route{method: http.MethodPost, path: wire.PathHeartbeat, role: worker, id: "heartbeat", tag: tagWorker, lenient: true,
		summary: "A worker says how its host is"}, a.heartbeat)
	post(a, route{method: http.MethodPost, path: wire.PathClaim, role: worker, id: "claim", tag: tagWorker, lenient: true,
		summary: "A worker asks the leader for work, by long poll", timeout: endless}, a.claim)
	post(a, route{method: http.MethodPost, path: wire.PathFacts, role: worker, id: "facts", tag: tagWorker, lenient: true,
		summary: "A worker reports what became of attempts", limit: factsLimit}, a.facts)
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
	if !a.IsLeader() {
		return wire.ClaimReply{}, a.notLeader()
	}
	return a.Intake.Claim(ctx, *claim)
}

func (a *api) facts(ctx context.Context, req *wire.FactsRequest) (wire.FactsReply, error) {
	if len(req.Facts) > maxFacts {
		return wire.FactsReply{}, fault.New(fault.TooLarge, "more than %d facts in one call", maxFacts)
	}
	for i := range req.Facts {
		if err := checkHost(req.Facts[i].Host); err != nil {
			return wire.FactsReply{}, err
		}
	}
	return a.Intake.Facts(ctx, *req)
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
