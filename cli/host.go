package cli

import (
	"context"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"capricornus/common/wire"
)

func hostCommand(a *app) *cobra.Command {
	return group("host", "Look at workers", hostListCommand(a))
}

func hostListCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List workers: alive, switched on, how busy", Args: arguments(0, 0),
		RunE: a.call(func(ctx context.Context, c *wire.Client, _ []string) error {
			list, err := c.Hosts(ctx)
			if err != nil {
				return err
			}
			names := namesOf(list.Items, func(h wire.Host) string { return h.Host })
			return a.show(list, names, func() { a.hostTable(a.clock(ctx, c), list.Items) })
		}),
	}
}

func (a *app) hostTable(k clock, hosts []wire.Host) {
	rows := make([]row, len(hosts))
	for i, h := range hosts {
		rows[i] = row{
			h.Host, hostState(h), h.Group, fmt.Sprintf("%d/%d", h.Running+h.Assigned, h.Slots),
			bytesText(h.Reserved), bytesText(h.Vitals.FreeMemory), strconv.FormatFloat(h.Vitals.Load, 'f', 2, 64),
			bytesText(h.Vitals.FreeDisk), k.at(h.LastCheckAt), h.Version, h.StopReason,
		}
	}
	a.table([]string{"HOST", "STATE", "GROUP", "SLOTS", "RESERVED", "FREE MEM", "LOAD", "FREE DISK", k.header("LAST SEEN"), "VERSION", "REASON"}, rows)
}

func hostState(h wire.Host) cell {
	switch {
	case h.Alive && h.Stopped:
		return cell{"off", yellow}
	case h.Alive:
		return cell{"on", green}
	case h.Stopped:
		return cell{"dead, off", red}
	}
	return cell{"dead", red}
}
