package cli

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"capricornus/common/fault"
	"capricornus/common/wire"
)

// hostTurn is on, off or drain of one worker.
type hostTurn struct {
	app      *app
	position string
	door     hostDoorFlags
	request  wire.SwitchRequest
	end      holdEnd
	yes      bool
	wait     bool
	timeout  time.Duration
}

func hostTurnCommand(a *app, position string) *cobra.Command {
	h := &hostTurn{app: a, position: position, door: hostDoorFlags{app: a}}
	cmd := &cobra.Command{
		Use: position + " HOST --reason TEXT", Args: arguments(1, 1),
		RunE: a.do(func(ctx context.Context, args []string) error { return h.run(ctx, args[0]) }),
	}
	h.words(cmd)
	flags := cmd.Flags()
	flags.StringVar(&h.request.Reason, "reason", "", "`TEXT` kept with it")
	if position != wire.SwitchOn {
		h.end.flags(cmd)
		flags.BoolVar(&h.yes, "yes", false, "do not ask when it is the last worker that is on")
	}
	if position == wire.SwitchDrain {
		flags.BoolVar(&h.wait, "wait", false, "wait until nothing is left on it")
		flags.DurationVar(&h.timeout, "timeout", 0, "with --wait: give up after `TIME`, for example 90s or 2h; 0: never")
	}
	h.door.flags(cmd)
	return cmd
}

func (h *hostTurn) words(cmd *cobra.Command) {
	const direct = `
With --direct no master is asked: the same change, with the same entry in the audit log,
is made in the database itself. The leader sees it in its next pass, at most 5 s later.`
	switch h.position {
	case wire.SwitchOn:
		cmd.Use = "on HOST"
		cmd.Short = "Switch a worker on: it gets batches again"
		cmd.Long = cmd.Short + ".\n" + direct
		cmd.Example = "  capri host on w3"
	case wire.SwitchOff:
		cmd.Short = "Switch a worker off: it gets nothing new"
		cmd.Long = `Switches a worker off, until it is switched on or until an end. It finishes what it runs
and gets nothing new; what is assigned to it and has not started goes to other workers.
Neither a restart of the worker nor one of the masters switches it on again.
` + direct
		cmd.Example = "  capri host off w3 --reason 'new disk' --for 2h"
	case wire.SwitchDrain:
		cmd.Short = "Switch a worker off so that it becomes empty"
		cmd.Long = `Switches a worker off like capri host off, and shows it as draining until nothing is left
on it, then as drained; it stays off. With --wait the command ends when it is drained:
exit code 8 when --timeout passed first, 5 when it was switched on meanwhile.
` + direct
		cmd.Example = "  capri host drain w3 --reason 'new kernel' --wait --timeout 2h"
	}
}

func (h *hostTurn) run(ctx context.Context, host string) error {
	switch {
	case h.request.Reason == "" && h.position != wire.SwitchOn:
		return noReason()
	case h.timeout != 0 && !h.wait:
		return fault.New(fault.Usage, "--timeout is how long --wait waits: give both")
	case h.timeout < 0:
		return fault.New(fault.Usage, "--timeout %s is not a time to come", h.timeout)
	}
	if err := h.end.check(); err != nil {
		return err
	}
	h.request.ForSeconds = int64(math.Ceil(h.end.after.Seconds()))
	return h.door.open(ctx, func(d hostDoor) error {
		until, err := h.end.moment(func() (*time.Location, error) { return d.Zone(ctx), nil })
		if err != nil {
			return err
		}
		h.request.Until = until
		if err := h.mayStop(ctx, d, host); err != nil {
			return err
		}
		return h.turn(ctx, d, host)
	})
}

// mayStop asks on a terminal before the last worker is switched off. Elsewhere
// that is only said: what maintains a host at night must not stop at a question.
func (h *hostTurn) mayStop(ctx context.Context, d hostDoor, host string) error {
	if h.position == wire.SwitchOn || h.yes {
		return nil
	}
	list, err := d.Hosts(ctx)
	if err != nil {
		return err
	}
	last := false
	for _, other := range list.Items {
		on := other.Alive && hostPosition(other) == "on"
		if on && other.Host != host {
			return nil
		}
		last = last || on
	}
	if !last {
		return nil
	}
	if h.app.isTerminal(h.app.in) {
		return h.app.confirm(false, host+" is the last worker that is on: nothing starts until one is on again. Go ahead?")
	}
	h.app.say("%s is the last worker that is on: nothing starts until one is on again", oneLine(host))
	return nil
}

func (h *hostTurn) turn(ctx context.Context, d hostDoor, host string) error {
	reply, err := d.Switch(ctx, host, h.position, h.request)
	if err != nil {
		return err
	}
	a := h.app
	a.say("%s", oneLine(reply.Message))
	if reply.Host.StopUntil > 0 {
		a.say("  it is on again by itself at %s", newClock(d.Zone(ctx), a.now()).full(reply.Host.StopUntil))
	}
	if h.door.direct {
		a.say("  no master was asked: this stands in the database, where the leader finds it in its next pass")
	}
	if h.wait {
		if reply.Host, err = h.drained(ctx, d, reply.Host); err != nil {
			return err
		}
	}
	return a.show(reply, []string{reply.Host.Host}, func() {})
}

// drained waits until nothing is left on a worker.
func (h *hostTurn) drained(ctx context.Context, d hostDoor, host wire.Host) (wire.Host, error) {
	limited, cancel := ctx, context.CancelFunc(func() {})
	if h.timeout > 0 {
		limited, cancel = context.WithTimeout(ctx, h.timeout)
	}
	defer cancel()
	w := drainWatch{app: h.app, door: d, bar: h.app.moving(), first: host.Running + host.Assigned}
	last, err := w.follow(limited, host)
	switch {
	case errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil:
		return last, fault.New(fault.Timeout, "after %s %s is not empty: %s", h.timeout, last.Host, onIt(last)).
			WithHint("it goes on draining; capri host show %s says what is on it", last.Host)
	case err != nil:
		return last, err
	case !last.Stopped:
		return last, &outcome{code: exitConflict, text: fmt.Sprintf("%s is switched on again: it was not drained", last.Host)}
	}
	h.app.say("%s is drained: nothing is left on it; it stays off until capri host on %s", last.Host, last.Host)
	return last, nil
}

// drainWatch looks at a worker until nothing is left on it.
type drainWatch struct {
	app   *app
	door  hostDoor
	bar   bool // redraw one line; otherwise a line for each change
	first int  // how much there was at the beginning
	shown string
}

// follow returns the worker as it was seen last: empty, or on again. A change
// of leader does not end it, as in batch wait.
func (w *drainWatch) follow(ctx context.Context, last wire.Host) (wire.Host, error) {
	defer w.clear()
	answered := w.app.now()
	for {
		w.draw(last)
		if !last.Stopped || last.Running+last.Assigned == 0 {
			return last, nil
		}
		if err := w.app.pause(ctx); err != nil {
			return last, err
		}
		detail, err := w.door.Host(ctx, last.Host)
		switch {
		case err == nil:
			last, answered = detail.Host, w.app.now()
		case ctx.Err() != nil:
			return last, ctx.Err()
		case !passing(err) || w.app.now().Sub(answered) > patience:
			return last, err
		}
	}
}

func (w *drainWatch) draw(h wire.Host) {
	line := fmt.Sprintf("%s %s: %s", h.Host, hostState(h).text, onIt(h))
	if line == w.shown || h.Running+h.Assigned == 0 {
		return
	}
	w.shown = line
	if !w.bar {
		w.app.say("%s", line)
		return
	}
	w.first = max(w.first, h.Running+h.Assigned)
	full := barWidth * (w.first - h.Running - h.Assigned) / w.first
	fmt.Fprintf(w.app.err, "\r\x1b[K%s %s", strings.Repeat("█", full)+strings.Repeat("░", barWidth-full), line)
}

// clear takes the line that was redrawn away.
func (w *drainWatch) clear() {
	if w.bar && w.shown != "" {
		fmt.Fprint(w.app.err, "\r\x1b[K")
	}
}

// onIt says how much is on a worker.
func onIt(h wire.Host) string {
	text := fmt.Sprintf("%d running", h.Running)
	if h.Assigned > 0 {
		text += fmt.Sprintf(", %d assigned", h.Assigned)
	}
	return text
}
