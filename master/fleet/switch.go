package fleet

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"capricornus/common/fault"
	"capricornus/common/store"
	"capricornus/common/wire"
)

const (
	reasonLimit = 400                     // bytes
	longest     = 10 * 365 * 24 * 60 * 60 // seconds
)

// By is who turns a switch, and from where.
type By struct {
	Actor  store.Actor
	Source string // address, or "database"
}

// Order is what a worker's switch is told.
type Order struct {
	Host     string
	Position string // wire.SwitchOn, SwitchOff or SwitchDrain
	wire.SwitchRequest
}

// Turn turns a worker's switch, with the one audit row of it. Turning it to
// where it stands already gives it another reason and end.
func Turn(ctx context.Context, db *store.DB, by By, o Order) (wire.SwitchReply, error) {
	to, err := o.decide(db.Now().UnixMilli())
	if err != nil {
		return wire.SwitchReply{}, err
	}
	id, err := db.ID(ctx)
	if err != nil {
		return wire.SwitchReply{}, err
	}
	var reply wire.SwitchReply
	err = db.Operate(ctx, by.Actor, func(t *store.OperateTx) error {
		before, after, err := t.SwitchHost(ctx, o.Host, to)
		if errors.Is(err, store.ErrNotFound) {
			return unknown(o.Host)
		}
		if err != nil {
			return err
		}
		_, host, err := read(ctx, &t.ViewTx, o.Host)
		if err != nil {
			return err
		}
		was := position(&before, t.Now())
		reply = wire.SwitchReply{Host: host, Changed: was != o.Position, Message: sentence(&host, was, o.Position)}
		detail, err := json.Marshal(change{o.Reason, stateOf(&before), stateOf(&after)})
		if err != nil {
			return fmt.Errorf("write down the switch of %s: %w", o.Host, err)
		}
		return t.Audit(ctx, store.Audit{ID: id, Action: "host." + o.Position, Object: o.Host, Source: by.Source, Detail: string(detail)})
	})
	if err != nil {
		return wire.SwitchReply{}, err
	}
	return reply, nil
}

// decide says how the switch is to stand, or what is wrong with the order.
func (o *Order) decide(now int64) (store.Switch, error) {
	off := o.Position != wire.SwitchOn
	switch {
	case len(o.Reason) > reasonLimit || off && o.Reason == "":
		return store.Switch{}, fault.New(fault.Invalid, "the reason why %s is switched %s has %d bytes; it has 1 to %d", o.Host, o.word(), len(o.Reason), reasonLimit)
	case !off && (o.Until != 0 || o.ForSeconds != 0):
		return store.Switch{}, fault.New(fault.Invalid, "a worker that is switched on stays on: it takes no end")
	case o.Until != 0 && o.ForSeconds != 0:
		return store.Switch{}, fault.New(fault.Invalid, "until and forSeconds exclude each other")
	case o.ForSeconds < 0 || o.ForSeconds > longest:
		return store.Switch{}, fault.New(fault.Invalid, "forSeconds %d is out of bounds: write 1 to %d", o.ForSeconds, longest)
	case o.Until != 0 && o.Until <= now:
		return store.Switch{}, fault.New(fault.Invalid, "until is over already: %s", time.UnixMilli(o.Until).UTC().Format(time.RFC3339))
	}
	to := store.Switch{Off: off, Drain: o.Position == wire.SwitchDrain, Reason: o.Reason, Until: o.Until}
	if o.ForSeconds > 0 {
		to.Until = now + o.ForSeconds*1000
	}
	return to, nil
}

func (o *Order) word() string {
	if o.Position == wire.SwitchDrain {
		return "off to drain"
	}
	return o.Position
}

// position is how a switch stands.
func position(h *store.Host, now int64) string {
	switch {
	case !h.StoppedAt(now):
		return wire.SwitchOn
	case h.IsDrain:
		return wire.SwitchDrain
	}
	return wire.SwitchOff
}

// sentence says what was done.
func sentence(h *wire.Host, was, is string) string {
	already := was == is
	switch {
	case is == wire.SwitchOn && already:
		return h.Host + " was on already"
	case is == wire.SwitchOn && h.GroupOff:
		return fmt.Sprintf("%s is switched on; its group %s is off, so it gets nothing new yet", h.Host, h.Group)
	case is == wire.SwitchOn:
		return h.Host + " is switched on"
	case already:
		return fmt.Sprintf("%s was switched %s already; reason and end are the new ones; %s", h.Host, map[string]string{wire.SwitchOff: "off", wire.SwitchDrain: "off to drain"}[is], left(h))
	case is == wire.SwitchDrain:
		return h.Host + " drains: it gets nothing new and stays off once it is empty; " + left(h)
	}
	return h.Host + " is switched off: it finishes what it runs and gets nothing new; " + left(h)
}

// left says what is on a worker.
func left(h *wire.Host) string {
	text := fmt.Sprintf("%d running", h.Running)
	if h.Running == 0 {
		text = "nothing runs there"
	}
	if h.Assigned > 0 {
		text += fmt.Sprintf(", %d assigned and not started, which others get", h.Assigned)
	}
	return text
}

// change is what the audit row keeps.
type change struct {
	Reason string `json:"reason,omitempty"`
	Before state  `json:"before"`
	After  state  `json:"after"`
}

// state is a switch with all that belongs to it.
type state struct {
	Stopped bool   `json:"isStop"`
	At      int64  `json:"stopTime,omitempty"`
	Reason  string `json:"stopReason,omitempty"`
	Until   int64  `json:"stopUntil,omitempty"`
	Drain   bool   `json:"isDrain,omitempty"`
	By      string `json:"stopBy,omitempty"`
}

func stateOf(h *store.Host) state {
	return state{h.IsStop, h.StopTime, h.StopReason, h.StopUntil, h.IsDrain, h.StopBy}
}
