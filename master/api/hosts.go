package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"capricornus/common/fault"
	"capricornus/common/permit"
	"capricornus/common/store"
	"capricornus/common/wire"
	"capricornus/master/fleet"
)

type hostInput struct {
	Host    string `path:"host" maxLength:"100" doc:"name of the worker"`
	RawBody []byte
}

type hostName struct {
	Host string `path:"host" maxLength:"100" doc:"name of the worker"`
}

func (a *api) hostRoutes() {
	call(a, route{method: http.MethodGet, path: root + "/hosts/{host}", may: permit.View, id: "get-host", tag: tagCluster,
		summary: "A worker with what runs on it and what was taken away from it lately"}, a.showHost)
	for _, s := range []struct{ position, summary string }{
		{wire.SwitchOn, "Switch a worker on: it gets batches again"},
		{wire.SwitchOff, "Switch a worker off, until switched on or until an end: it finishes what it runs and gets nothing new"},
		{wire.SwitchDrain, "Switch a worker off so that it becomes empty; it stays off afterwards"},
	} {
		r := route{method: http.MethodPost, path: root + "/hosts/{host}/" + s.position, may: permit.SwitchHosts, id: s.position + "-host", tag: tagCluster, summary: s.summary}
		call(a, r, func(ctx context.Context, in *hostInput) (wire.SwitchReply, error) {
			return a.switchHost(ctx, s.position, in)
		})
		describeBody[wire.SwitchRequest](a, r)
	}
	dead := route{method: http.MethodPost, path: root + "/hosts/{host}/dead", may: permit.SwitchHosts, id: "declare-host-dead", tag: tagCluster,
		summary: "Declare a silent worker dead: the attempts that count as running there end, and are tried elsewhere"}
	call(a, dead, a.declareDead)
	describeBody[wire.DeadRequest](a, dead)
}

// declareDead takes an operator's word that a worker is gone for good. For a
// worker that is heard of there is nobody to take it from.
func (a *api) declareDead(ctx context.Context, in *hostInput) (wire.Host, error) {
	body, err := decode[wire.DeadRequest](in.RawBody, false)
	if err != nil {
		return wire.Host{}, err
	}
	if body.Reason == "" || len(body.Reason) > maxNote {
		return wire.Host{}, fault.New(fault.Invalid, "the reason why %s is dead has %d bytes; it has 1 to %d", in.Host, len(body.Reason), maxNote)
	}
	audit, err := a.DB.ID(ctx)
	if err != nil {
		return wire.Host{}, err
	}
	before, err := a.hostNow(ctx, in.Host)
	if err != nil {
		return wire.Host{}, err
	}
	detail, err := json.Marshal(map[string]any{"before": map[string]bool{"dead": before.DeadAt != 0}, "after": map[string]bool{"dead": true}, "reason": body.Reason})
	if err != nil {
		return wire.Host{}, err
	}
	who := callerOf(ctx)
	err = a.DB.Operate(ctx, who.actor(), func(t *store.OperateTx) error {
		h, done, err := t.DeclareDead(ctx, in.Host, body.Reason)
		switch {
		case errors.Is(err, store.ErrNotFound):
			return notFound("worker", in.Host)
		case err != nil:
			return err
		case !done:
			return aliveStill(&h, t.Now())
		}
		return t.Audit(ctx, store.Audit{ID: audit, Action: "host.dead", Object: in.Host, Source: who.source, Detail: string(detail)})
	})
	if err != nil {
		return wire.Host{}, err
	}
	a.Dead()
	now, err := a.hostNow(ctx, in.Host)
	now.Running = before.Running // the caller is told what will be ended, however much of it has been by now
	return now, err
}

// aliveStill says why a worker is not declared dead, and what would be right.
func aliveStill(h *store.Host, now int64) error {
	ago := (time.Duration(now-h.LastCheckTime) * time.Millisecond).Round(time.Second)
	interval := time.Duration(h.CheckInterval) * time.Millisecond
	return fault.New(fault.Conflict, "worker %s is alive: it was heard of %s ago", h.Host, ago).
		WithHint("to keep new batches from it, switch it off; to end what runs there, kill the batches; it counts as silent %s after its last heartbeat", interval)
}

func (a *api) hostNow(ctx context.Context, name string) (wire.Host, error) {
	detail, err := a.showHost(ctx, &hostName{name})
	return detail.Host, err
}

func (a *api) showHost(ctx context.Context, in *hostName) (detail wire.HostDetail, err error) {
	err = a.DB.View(ctx, func(t *store.ViewTx) error {
		detail, err = fleet.Show(ctx, t, in.Host)
		return err
	})
	return detail, err
}

// switchHost turns the switch of a worker, and has the assignment look at once:
// what is assigned there and has not started goes elsewhere, or there is room.
func (a *api) switchHost(ctx context.Context, position string, in *hostInput) (wire.SwitchReply, error) {
	request, err := decode[wire.SwitchRequest](in.RawBody, false)
	if err != nil {
		return wire.SwitchReply{}, err
	}
	who := callerOf(ctx)
	order := fleet.Order{Host: in.Host, Position: position, SwitchRequest: *request}
	reply, err := fleet.Turn(ctx, a.DB, fleet.By{Actor: who.actor(), Source: who.source}, order)
	if err != nil {
		return wire.SwitchReply{}, err
	}
	a.Switched()
	return reply, nil
}
