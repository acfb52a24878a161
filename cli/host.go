package cli

import (
	"cmp"
	"context"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"capricornus/common/fault"
	"capricornus/common/wire"
)

func hostCommand(a *app) *cobra.Command {
	return group("host", "Look at workers, switch them on and off", hostListCommand(a), hostShowCommand(a),
		hostTurnCommand(a, wire.SwitchOn), hostTurnCommand(a, wire.SwitchOff), hostTurnCommand(a, wire.SwitchDrain), hostDeadCommand(a))
}

func hostListCommand(a *app) *cobra.Command {
	door := hostDoorFlags{app: a}
	cmd := &cobra.Command{
		Use: "list", Short: "List workers: heard of, switched on, how busy", Args: arguments(0, 0),
		RunE: a.do(func(ctx context.Context, _ []string) error {
			return door.open(ctx, func(d hostDoor) error {
				list, err := d.Hosts(ctx)
				if err != nil {
					return err
				}
				names := namesOf(list.Items, func(h wire.Host) string { return h.Host })
				return a.show(list, names, func() { a.hostTable(newClock(d.Zone(ctx), a.now()), list.Items) })
			})
		}),
	}
	door.flags(cmd)
	return cmd
}

func (a *app) hostTable(k clock, hosts []wire.Host) {
	rows := make([]row, len(hosts))
	for i, h := range hosts {
		rows[i] = row{
			h.Host, hostState(h), h.Group, fmt.Sprintf("%d/%d", h.Running+h.Assigned, h.Slots),
			bytesText(h.Reserved), bytesText(h.Vitals.FreeMemory), strconv.FormatFloat(h.Vitals.Load, 'f', 2, 64),
			bytesText(h.Vitals.FreeDisk), k.at(h.LastCheckAt), h.Version, hostReason(k, h),
		}
	}
	a.table([]string{"HOST", "STATE", "GROUP", "SLOTS", "RESERVED", "FREE MEM", "LOAD", "FREE DISK", k.header("LAST SEEN"), "VERSION", "REASON"}, rows)
}

// hostState tells a worker that is not heard of, which may come back, from one
// that somebody knows to be gone for good.
func hostState(h wire.Host) cell {
	state := cell{"silent", red}
	position := hostPosition(h)
	switch {
	case h.Alive && position == "on":
		return cell{"on", green}
	case h.Alive:
		return cell{position, yellow}
	case h.DeadAt > 0:
		state.text = "dead"
	}
	if position != "on" {
		state.text += ", " + position
	}
	return state
}

// hostPosition is how the switch of a worker stands.
func hostPosition(h wire.Host) string {
	switch {
	case h.Stopped && h.Draining && h.Running+h.Assigned == 0:
		return "drained"
	case h.Stopped && h.Draining:
		return "draining"
	case h.Stopped || h.GroupOff:
		return "off"
	}
	return "on"
}

// hostReason says why a worker is dead or off, who has done it and until when.
func hostReason(k clock, h wire.Host) string {
	if h.DeadReason != "" {
		return h.DeadReason
	}
	if !h.Stopped {
		if h.GroupOff {
			return "group " + h.Group + " is switched off"
		}
		return ""
	}
	text := cmp.Or(h.StopReason, "no reason")
	switch {
	case h.StopBy != "":
		text += " (" + h.StopBy + ")"
	default:
		text += " (switched off in the database)"
	}
	if h.StopUntil > 0 {
		text += ", until " + k.at(h.StopUntil)
	}
	return text
}

func hostDeadCommand(a *app) *cobra.Command {
	var reason string
	var yes bool
	cmd := &cobra.Command{
		Use: "dead HOST --reason TEXT", Short: "Declare a silent worker dead", Args: arguments(1, 1),
		Long: `Says that a worker which is not heard of any more is gone for good, with everything that
ran on it. What counts as running there ends: as its outputs and the returned codes show,
otherwise as lost, and lost attempts are tried again on other workers.

Say it only when no process is left on that host: nobody else can know, and a script that
goes on there would run twice. A worker that is alive is refused; one that is heard of
again is alive again.`,
		Example: "  capri host dead w3 --reason 'the board is burnt'",
		RunE: a.do(func(ctx context.Context, args []string) error {
			if reason == "" {
				return fault.New(fault.Usage, "--reason is wanted").WithHint("for example: capri host dead %s --reason 'the board is burnt'", args[0])
			}
			if err := a.mayAsk(yes); err != nil {
				return err
			}
			c, err := a.client()
			if err != nil {
				return err
			}
			return a.declareDead(ctx, c, wire.Host{Host: args[0], DeadReason: reason}, yes)
		}),
	}
	cmd.Flags().StringVar(&reason, "reason", "", "`TEXT` that says how you know; it is kept")
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return cmd
}

// declareDead asks, naming what is at stake, and says it to the masters.
func (a *app) declareDead(ctx context.Context, c *wire.Client, host wire.Host, yes bool) error {
	if !yes {
		list, err := c.Hosts(ctx)
		if err != nil {
			return err
		}
		running := 0
		for _, h := range list.Items {
			if h.Host == host.Host {
				running = h.Running
			}
		}
		question := fmt.Sprintf("Declare %s dead? It ends %s counting as running there.", host.Host, plural(running, "batch"))
		if err := a.confirm(yes, question); err != nil {
			return err
		}
	}
	got, err := c.DeclareDead(ctx, host.Host, host.DeadReason)
	if err != nil {
		return err
	}
	return a.show(got, []string{got.Host}, func() {
		a.say("%s is declared dead; %s counting as running there will be ended", got.Host, plural(got.Running, "batch"))
	})
}
