package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"capricornus/common/wire"
)

func checkPlatformCommand(a *app) *cobra.Command {
	k := checking{app: a, name: "platform"}
	cmd := &cobra.Command{
		Use: "platform", Short: "Masters, leader, workers, duties, database, missing batches and the canary at once", Args: arguments(0, 0),
		Long: `Looks at everything that batches need to run. Critical: nobody leads, the database does not
answer, masters are fewer than their majority, no worker takes batches, dependencies have not
been looked at for 10 minutes, more than 10 batches are missing, the canary is very late.
Everything else that capri cluster status warns of, a silent worker, a missing batch and a
late canary are warnings.

The canary is a task that does nothing but go all the way through the platform. Without one
the check says how to set it up.`,
		Example: "  capri check platform --nagios",
		RunE: k.run(func(ctx context.Context, c *wire.Client, r *checkup) error {
			cluster, err := c.Cluster(ctx)
			if err != nil {
				return err
			}
			checkMasters(r, cluster, clusterNow(cluster, a.now()))
			if stopped(cluster) == "" {
				if err := checkRest(ctx, c, r); err != nil {
					return err
				}
				checkCanary(r, cluster, clusterNow(cluster, a.now()))
			}
			summarize(r, cluster)
			return nil
		}),
	}
	k.flags(cmd)
	return cmd
}

// checkMasters grades what the masters say of themselves.
func checkMasters(r *checkup, c wire.Cluster, now int64) {
	if why := stopped(c); why != "" {
		r.worse(gradeCritical, "%s", why)
	}
	var depend checkup
	checkDependencies(&depend, c, now, 5*time.Minute, 10*time.Minute)
	if c.Leader != "" && depend.grade > gradeOK {
		r.worse(depend.grade, "%s", depend.Summary)
	}
	majority := majorityWarnings(c)
	for _, said := range lesserWarnings(c, now) {
		if depend.grade > gradeOK && strings.HasPrefix(said, dependService+" ") {
			continue // said already
		}
		g := gradeWarning
		if slices.Contains(majority, said) && heardOf(c) < c.Quorum {
			g = gradeCritical
		}
		r.worse(g, "%s", said)
	}
}

func heardOf(c wire.Cluster) int {
	n := 0
	for _, m := range c.Masters {
		switch m.State {
		case wire.MemberLeader, wire.MemberClaiming, wire.MemberFollower:
			n++
		}
	}
	return n
}

// checkRest grades the workers and what is missing.
func checkRest(ctx context.Context, c *wire.Client, r *checkup) error {
	hosts, err := c.Hosts(ctx)
	if err != nil {
		return err
	}
	checkWorkers(r, hosts.Items)
	missing, err := c.MissingBatches(ctx, "", "", "")
	if err != nil {
		return err
	}
	var found checkup
	checkGeneration(&found, missing, 0, 10)
	if found.grade > gradeOK {
		r.worse(found.grade, "%s", found.Summary)
	}
	return nil
}

func checkWorkers(r *checkup, hosts []wire.Host) {
	takes, silent := 0, []string{}
	for _, h := range hosts {
		on := hostPosition(h) == "on"
		switch {
		case h.Alive && on:
			takes++
		case !h.Alive && on && h.DeadAt == 0:
			silent = append(silent, h.Host)
		}
	}
	if takes == 0 {
		r.worse(gradeCritical, "no worker takes batches: capri host list shows why")
	}
	if len(silent) > 0 {
		r.worse(gradeWarning, "not heard of: %s", strings.Join(silent, ", "))
	}
	r.Measured = fmt.Sprintf("workers=%d;;1: silent=%d", takes, len(silent))
}

// canarySetup is what an administrator runs to have a canary.
const canarySetup = "capri task apply -f conf/canary.yaml"

// checkCanary grades the task that goes all the way through the platform; the
// masters know their limits.
func checkCanary(r *checkup, c wire.Cluster, now int64) {
	if c.Canary == nil {
		return
	}
	late := int64(0)
	if c.Canary.DueAt > 0 {
		late = max(0, now-c.Canary.DueAt)
	}
	r.Measured += fmt.Sprintf(" canary=%ds", late/1000)
	switch c.Canary.Level {
	case "":
	case "critical":
		r.worse(gradeCritical, "the canary is late: %s", c.Canary.Text)
	default:
		r.worse(gradeWarning, "the canary is late: %s", c.Canary.Text)
	}
}

// canaryText is the canary in the line of a platform that is well.
func canaryText(c *wire.Canary) string {
	if c == nil {
		return "no canary is set up (" + canarySetup + ")"
	}
	return "the canary " + c.Task + " is in time"
}

func summarize(r *checkup, c wire.Cluster) {
	switch n := len(r.Details); n {
	case 0:
		r.Summary = fmt.Sprintf("%s leads, %s heard of, database and workers are well, %s", c.Leader, plural(heardOf(c), "master"), canaryText(c.Canary))
	case 1:
		_, r.Summary, _ = strings.Cut(r.Details[0], " ")
		r.Details = nil
	default:
		slices.SortStableFunc(r.Details, func(a, b string) int { return strings.Compare(a[:1], b[:1]) }) // C before W
		r.Summary = plural(n, "thing") + " not as they should be"
	}
}
