package cli

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"capricornus/common/wire"
)

func hostShowCommand(a *app) *cobra.Command {
	door := hostDoorFlags{app: a}
	cmd := &cobra.Command{
		Use: "show HOST", Short: "Show a worker: its switch, figures, what it can enforce, what is on it", Args: arguments(1, 1),
		Example: "  capri host show w3",
		RunE: a.do(func(ctx context.Context, args []string) error {
			return door.open(ctx, func(d hostDoor) error {
				detail, err := d.Host(ctx, args[0])
				if err != nil {
					return err
				}
				return a.show(detail, []string{detail.Host.Host}, func() { a.hostDetail(newClock(d.Zone(ctx), a.now()), &detail) })
			})
		}),
	}
	door.flags(cmd)
	return cmd
}

func (a *app) hostDetail(k clock, h *wire.HostDetail) {
	can, cannot := features(h.Features)
	heard, root := "", ""
	if h.LastCheckAt > 0 {
		heard = fmt.Sprintf("%s; silent after %s", k.full(h.LastCheckAt), milliseconds(h.CheckInterval))
	}
	if h.Incarnation != "" {
		root = fmt.Sprintf("%s, known since %s", h.Incarnation, k.full(h.KnownAt))
	}
	a.fields("Host", h.Host.Host, "State", hostState(h.Host), "Reason", hostReason(k, h.Host), "Off since", k.full(h.StopAt),
		"Group", h.Group, "Labels", labelText(h.Labels), "Slots", fmt.Sprintf("%d of %d taken: %s", h.Running+h.Assigned, h.Slots, onIt(h.Host)),
		"Memory", fmt.Sprintf("%s, reserved %s, free %s", bytesText(h.Vitals.Memory), bytesText(h.Reserved), bytesText(h.Vitals.FreeMemory)),
		"Load", loadText(h), "Free disk", bytesText(h.Vitals.FreeDisk),
		"Last seen", heard,
		"Lease", leaseText(h.LeaseMillis), "Started", k.full(h.StartedAt), "Version", h.Version, "Address", h.Address,
		"Root", root,
		"Enforces", strings.Join(can, "; "), "Note", strings.Join(cannot, "; "))
	if len(h.Batches) > 0 {
		a.print("")
		rows := make([]row, len(h.Batches))
		for i, b := range h.Batches {
			rows[i] = row{b.Ref, b.State, b.Attempt, k.at(b.Since), bytesText(b.Memory)}
		}
		a.table([]string{"BATCH", "STATE", "ATTEMPT", k.header("SINCE"), "MEMORY"}, rows)
	}
	if len(h.TakenAway) > 0 {
		a.print("")
		rows := make([]row, len(h.TakenAway))
		for i, l := range h.TakenAway {
			rows[i] = row{l.Ref, l.Attempt, k.at(l.At), dash(l.NewHost), l.Reason}
		}
		a.table([]string{"TAKEN AWAY", "ATTEMPT", k.header("AT"), "TO", "REASON"}, rows)
	}
}

// features says in words what a worker can enforce, and what of what others can
// it cannot. A word that this version does not know is shown as it is.
func features(has []string) (can, cannot []string) {
	known := []struct{ name, can, cannot string }{
		{"session", "every attempt in a session of its own", "attempts have no session of their own"},
		{"run-timeout", "run timeouts", "no run timeouts"},
		{"keeper", "a keeper that watches attempts while the worker is down", "no keeper: nobody watches attempts while the worker is down"},
		{"accounts", "scripts as accounts of their own", "no accounts: scripts run as the worker's own user"},
		{"no-new-privs", "no new privileges for scripts", "scripts may gain privileges by setuid programs"},
	}
	groups := slices.ContainsFunc(has, func(name string) bool { return strings.HasPrefix(name, "cgroup") })
	for _, f := range known {
		if slices.Contains(has, f.name) {
			can = append(can, f.can)
			continue
		}
		cannot = append(cannot, f.cannot)
	}
	for _, limit := range []string{"memory", "processes"} {
		switch {
		case slices.Contains(has, limit+": sampled"):
			cannot = append(cannot, "the kernel does not limit "+limit+": samples are taken instead")
		case groups:
			can = append(can, "limits of "+limit+" kept by the kernel")
		}
	}
	for _, name := range has {
		told := strings.HasSuffix(name, ": sampled") || slices.ContainsFunc(known, func(f struct{ name, can, cannot string }) bool { return f.name == name })
		if !told {
			can = append(can, name)
		}
	}
	return can, cannot
}

func labelText(labels map[string]string) string {
	parts := make([]string, 0, len(labels))
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		parts = append(parts, name+"="+labels[name])
	}
	return strings.Join(parts, ", ")
}

func loadText(h *wire.HostDetail) string {
	text := fmt.Sprintf("%.2f per core", h.Vitals.Load)
	if h.LoadLimit > 0 {
		text += fmt.Sprintf(", nothing new from %.2f", h.LoadLimit)
	}
	return text
}

func leaseText(millis int64) string {
	if millis == 0 {
		return ""
	}
	return milliseconds(millis) + ": after so much silence it ends attempts of fence tasks"
}

func milliseconds(n int64) string { return (time.Duration(n) * time.Millisecond).String() }
