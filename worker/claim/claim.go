// Package claim asks the leading master for work, one long poll at a time,
// while there is room, and for commands also when there is none. Claiming
// moves nothing: what is handed out here stays assigned until the masters
// agreed to its start, so a lost answer is simply given again.
package claim

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"time"

	"capricornus/common/logs"
	"capricornus/common/pause"
	"capricornus/common/wire"
)

// The waits after failed claims. While an election may be going on they are
// short: what the next leader assigns waits for them.
const (
	firstDelay    = 50 * time.Millisecond
	electionDelay = 150 * time.Millisecond // in the first shortOutage
	lastDelay     = 500 * time.Millisecond
)

// patience is how long a full worker waits for room before it makes a claim for
// commands only. Giving such a claim up costs a connection, so a busy worker
// must not make one for each attempt that ends.
const patience = 200 * time.Millisecond

// breather keeps an answer that is empty and early from becoming a hot loop.
const breather = 20 * time.Millisecond

// Asker makes the call; wire.WorkerClient does.
type Asker interface {
	Claim(ctx context.Context, claim wire.Claim) (wire.ClaimReply, error)
}

// Hand is the worker's view of what it has in hand.
type Hand interface {
	// Room says what is in hand and how much more fits.
	Room() Room
	// Take accepts an answer and does not block.
	Take(ctx context.Context, reply wire.ClaimReply)
}

// Room is what a worker has in hand and how much more fits.
type Room struct {
	Holding []wire.Held
	Killing []wire.Held     // kills under way: not to be ordered again
	Free    int             // how many more fit
	Grown   <-chan struct{} // closed when an attempt leaves
}

// Loop claims for one worker.
type Loop struct {
	Asker       Asker
	Hand        Hand
	Host        string
	Incarnation string
	Wait        time.Duration // for work, of one claim
	Log         *slog.Logger
}

// Run claims until ctx ends.
func (l *Loop) Run(ctx context.Context) error {
	delay := firstDelay
	first := true
	var silence outage
	for ctx.Err() == nil {
		began := time.Now()
		reply, err := l.once(ctx, first)
		switch {
		case err != nil && ctx.Err() == nil:
			if silence.worthTelling(time.Now()) {
				l.Log.Warn("no master gives work; trying on", logs.Error(err))
			}
			_ = pause.For(ctx, delay/2+rand.N(delay)) //nolint:gosec // spreads the workers, hides nothing
			delay = min(2*delay, silence.longest(time.Now()))
			continue
		case err != nil:
			continue
		}
		if silence.told {
			l.Log.Info("a master gives work again")
		}
		first, silence, delay = false, outage{}, firstDelay
		l.Hand.Take(ctx, reply)
		if len(reply.Assignments)+len(reply.Kills) == 0 && time.Since(began) < breather {
			_ = pause.For(ctx, breather)
		}
	}
	return nil
}

// once makes one claim. A claim without room waits for commands only, and is
// given up as soon as there is room: that is no error, and the answer is empty.
func (l *Loop) once(ctx context.Context, first bool) (wire.ClaimReply, error) {
	room := l.Hand.Room()
	if room.Free == 0 && !first {
		await(ctx, room.Grown)
		room = l.Hand.Room()
	}
	asking, cancel := context.WithCancel(ctx)
	defer cancel()
	if room.Free == 0 && !first {
		stop := make(chan struct{})
		defer close(stop)
		go func() {
			select {
			case <-room.Grown:
				cancel()
			case <-stop:
			}
		}()
	}
	reply, err := l.Asker.Claim(asking, wire.Claim{
		Host: l.Host, Incarnation: l.Incarnation, First: first,
		Holding: room.Holding, Killing: room.Killing, Free: room.Free, WaitMillis: l.Wait.Milliseconds(),
	})
	if err != nil && asking.Err() != nil && ctx.Err() == nil {
		return wire.ClaimReply{}, nil
	}
	return reply, err
}

func await(ctx context.Context, grown <-chan struct{}) {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-grown:
	case <-timer.C:
	}
}

// outage is how long no master has given work. An election takes a moment and
// is nothing to tell.
type outage struct {
	since time.Time
	told  bool
}

const shortOutage = 3 * time.Second

// longest is the longest wait after a failed claim.
func (o *outage) longest(now time.Time) time.Duration {
	if now.Sub(o.since) < shortOutage {
		return electionDelay
	}
	return lastDelay
}

// worthTelling reports, once, that it has lasted longer than an election.
func (o *outage) worthTelling(now time.Time) bool {
	if o.since.IsZero() {
		o.since = now
	}
	if o.told || now.Sub(o.since) < shortOutage {
		return false
	}
	o.told = true
	return true
}
