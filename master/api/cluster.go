package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"capricornus/common/fault"
	"capricornus/common/permit"
	"capricornus/common/store"
	"capricornus/common/wire"
	"capricornus/master/fleet"
)

const tagCluster = "cluster"

// serviceTimeout bounds how long a pass that somebody asked for is waited for.
const serviceTimeout = 80 * time.Second

type nothing struct{}

type done struct {
	Done bool `json:"done"`
}

type announced struct {
	New bool `json:"new"` // false: it had been announced before
}

func (a *api) clusterRoutes() {
	a.memberRoutes()
	call(a, route{method: http.MethodGet, path: root + "/status", may: permit.View, id: "get-status", tag: tagCluster,
		summary: "Who serves, who leads, and in which zone"}, a.status)
	call(a, route{method: http.MethodGet, path: root + "/hosts", may: permit.View, id: "list-hosts", tag: tagCluster,
		summary: "The workers"}, a.listHosts)
	call(a, route{method: http.MethodGet, path: root + "/services", may: permit.View, id: "list-services", tag: tagCluster,
		summary: "The duties of the masters and their last runs"}, a.listServices)
	call(a, route{method: http.MethodPost, path: root + "/services/{name}/run", may: permit.RunServices, id: "run-service", tag: tagCluster, leader: true,
		summary: "Run a duty of the leader now and wait for it", timeout: serviceTimeout}, a.runService)
	post(a, route{method: http.MethodPost, path: root + "/third-parties", may: permit.AnswerGates, id: "announce", tag: tagCluster,
		summary: "Say that data of an external system has arrived"}, a.announce)
}

func (a *api) status(context.Context, *nothing) (wire.Status, error) {
	s := wire.Status{Version: a.Version, Node: a.Node, Zone: a.Zone.String()}
	if node, _, known := a.Leader(); known {
		s.Leader = node
	}
	if a.Epoch != nil {
		s.Epoch = a.Epoch()
	}
	return s, nil
}

func (a *api) listHosts(ctx context.Context, _ *nothing) (list wire.HostList, err error) {
	err = a.DB.View(ctx, func(t *store.ViewTx) error {
		list, err = fleet.List(ctx, t)
		return err
	})
	return list, err
}

func (a *api) listServices(ctx context.Context, _ *nothing) (wire.ServiceList, error) {
	list := wire.ServiceList{Items: []wire.Service{}}
	runs := map[string]store.ServiceRun{}
	err := a.DB.View(ctx, func(t *store.ViewTx) error {
		rows, err := t.ServiceRuns(ctx)
		for _, r := range rows {
			runs[r.Name] = r
		}
		return err
	})
	if err != nil {
		return list, err
	}
	every := a.Services.Intervals()
	for _, name := range a.Services.Names() {
		r := runs[name]
		list.Items = append(list.Items, wire.Service{
			Name: name, StartedAt: r.StartedAt, EndedAt: r.EndedAt, Rows: int(r.Rows), Error: r.Error, Epoch: r.Epoch,
			SucceededAt: r.SucceededAt, Every: every[name].Milliseconds(),
		})
	}
	return list, nil
}

func (a *api) runService(ctx context.Context, p *nameParam) (done, error) {
	if !a.IsLeader() {
		return done{}, a.notLeader()
	}
	audit, err := a.DB.ID(ctx)
	if err != nil {
		return done{}, err
	}
	err = a.Services.RunNow(ctx, p.Name)
	if fault.CodeOf(err) == fault.NotFound {
		return done{}, err
	}
	who := callerOf(ctx)
	row := store.Audit{ID: audit, Action: "service.run", Object: p.Name, Source: who.source, Detail: "{}"}
	err = errors.Join(err, a.DB.Operate(ctx, who.actor(), func(t *store.OperateTx) error { return t.Audit(ctx, row) }))
	if _, told := errors.AsType[*fault.Error](err); err == nil || told || ctx.Err() != nil {
		return done{Done: err == nil}, err
	}
	return done{}, fault.Wrap(fault.Internal, err, "the pass of service %s failed", p.Name).WithHint("capri service list shows its error")
}

// Limits of an announcement, those of its columns.
const (
	maxCode = 100
	maxKey  = 200
)

func (a *api) announce(ctx context.Context, req *wire.ThirdPartyRequest) (announced, error) {
	if req.Code == "" || len(req.Code) > maxCode || req.Key == "" || len(req.Key) > maxKey {
		return announced{}, fault.New(fault.Invalid, "an announcement has a code of 1 to %d bytes and a key of 1 to %d", maxCode, maxKey)
	}
	audit, err := a.DB.ID(ctx)
	if err != nil {
		return announced{}, err
	}
	who, fresh := callerOf(ctx), false
	err = a.DB.Operate(ctx, who.actor(), func(t *store.OperateTx) error {
		var err error
		if fresh, err = t.Announce(ctx, store.ThirdKey{Code: req.Code, DataNo: req.Key}); err != nil {
			return err
		}
		return t.Audit(ctx, store.Audit{ID: audit, Action: "third.put", Object: req.Code + "/" + req.Key, Source: who.source, Detail: fmt.Sprintf(`{"before":{"arrived":%t},"after":{"arrived":true}}`, !fresh)})
	})
	if err != nil {
		return announced{}, err
	}
	if fresh {
		a.Announced()
	}
	return announced{New: fresh}, nil
}
