package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"capricornus/common/fault"
	"capricornus/common/store"
	"capricornus/common/wire"
)

type hostInput struct {
	Host    string `path:"host" maxLength:"100" doc:"name of the worker"`
	RawBody []byte
}

func (a *api) hostRoutes() {
	dead := route{method: http.MethodPost, path: root + "/hosts/{host}/dead", role: operator, id: "declare-host-dead", tag: tagCluster,
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
	detail, err := json.Marshal(body)
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
	return a.hostNow(ctx, in.Host)
}

// aliveStill says why a worker is not declared dead, and what would be right.
func aliveStill(h *store.Host, now int64) error {
	ago := (time.Duration(now-h.LastCheckTime) * time.Millisecond).Round(time.Second)
	interval := time.Duration(h.CheckInterval) * time.Millisecond
	return fault.New(fault.Conflict, "worker %s is alive: it was heard of %s ago", h.Host, ago).
		WithHint("to keep new batches from it, switch it off; to end what runs there, kill the batches; it counts as silent %s after its last heartbeat", interval)
}

func (a *api) hostNow(ctx context.Context, name string) (wire.Host, error) {
	var out wire.Host
	err := a.DB.View(ctx, func(t *store.ViewTx) error {
		h, err := t.HostByName(ctx, name)
		if err != nil {
			return err
		}
		usages, err := t.Usages(ctx)
		out = viewHost(&h, usages, t.Now())
		return err
	})
	return out, err
}
