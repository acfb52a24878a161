// Package intake takes facts from workers and writes what follows: heartbeats,
// starts, refusals, ends. It owns assigned → running, running → done or back
// to waiting, and assigned → waiting when the checks on the worker failed.
//
// Facts of many workers are grouped: what arrives while a transaction is being
// committed goes into the next one. A fact is accepted once, from the holder
// of (attempt, host); an answer is sent only after the commit.
package intake

import (
	"context"
	"log/slog"
	"time"

	"capricornus/common/store"
	"capricornus/common/wire"
)

// Notify tells the masters' duties what facts have released.
type Notify struct {
	Finished func(ids []int64, keys []store.ParentKey) // batches that have succeeded
	Freed    func()                                    // a slot, a retry or a returned batch: assign may go on
	Doubted  func(ids []int64)                         // batches whose inputs a worker could not look at: the masters may be able to
	Returned func(hosts []string)                      // workers heard of again after a silence; nil: Intake.Returned alone is told

	Started func(took time.Duration)                // an attempt has begun, so long after it was assigned; nil: nobody asks
	Ended   func(outcome string, ran time.Duration) // an attempt has ended; nil: nobody asks
}

// Intake takes facts and hands out assignments. It is safe for concurrent use.
type Intake struct {
	db     *store.DB
	node   string
	defs   *store.Definitions
	zone   *time.Location
	leader func() (term context.Context, address string, leading bool)
	notify Notify
	log    *slog.Logger
	facts  *group[wire.Fact, wire.FactVerdict]
	beats  *group[arrival, error]
	bells  *bells
	spare  []int64 // ids for alerts, allotted ahead; touched by the one flush of facts only

	presence *presence
	maxWait  time.Duration
}

// Deps are what an intake needs.
type Deps struct {
	DB     *store.DB
	Defs   *store.Definitions
	Zone   *time.Location
	Node   string
	Leader func() (term context.Context, address string, leading bool)
	Notify Notify
	Log    *slog.Logger

	MaxWait time.Duration // of a claim; 0: the constant MaxWait
}

// New wires an intake.
func New(d Deps) *Intake {
	in := &Intake{db: d.DB, node: d.Node, defs: d.Defs, zone: d.Zone, leader: d.Leader, notify: d.Notify, log: d.Log, bells: newBells(), maxWait: d.MaxWait}
	if in.maxWait <= 0 {
		in.maxWait = MaxWait
	}
	in.presence = newPresence(in.maxWait)
	if in.notify.Started == nil {
		in.notify.Started = func(time.Duration) {}
	}
	if in.notify.Ended == nil {
		in.notify.Ended = func(string, time.Duration) {}
	}
	if in.notify.Returned == nil {
		in.notify.Returned = in.Returned
	}
	in.facts = newGroup(func(ctx context.Context, facts []wire.Fact) ([]wire.FactVerdict, error) {
		return in.take(ctx, d.Node, facts)
	})
	in.beats = newGroup(func(ctx context.Context, beats []arrival) ([]error, error) { return in.beat(ctx, d.Node, beats) })
	return in
}

// Facts writes facts and answers each, in order, after the commit.
func (in *Intake) Facts(ctx context.Context, req wire.FactsRequest) (wire.FactsReply, error) {
	verdicts, err := in.facts.do(ctx, req.Facts)
	return wire.FactsReply{Verdicts: verdicts}, err
}

// Beat writes one heartbeat. Another worker under the same live host name is refused.
func (in *Intake) Beat(ctx context.Context, hb wire.Heartbeat) (wire.HeartbeatReply, error) {
	errs, err := in.beats.do(ctx, []arrival{{hb, in.db.Now()}})
	if err != nil {
		return wire.HeartbeatReply{}, err
	}
	if errs[0] != nil {
		return wire.HeartbeatReply{}, errs[0]
	}
	_, address, _ := in.leader()
	reply := wire.HeartbeatReply{Leader: address}
	err = in.db.View(ctx, func(t *store.ViewTx) error {
		h, err := t.HostByName(ctx, hb.Host)
		reply.Stopped = h.StoppedAt(t.Now())
		return err
	})
	return reply, err
}
