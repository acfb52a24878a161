package cli

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"capricornus/common/store"
	"capricornus/common/wire"
)

// clusterExams asks a master about the cluster, as a person.
func (d *doctor) clusterExams(c *wire.Client) []examination {
	return []examination{
		{"masters", func(ctx context.Context) []finding { return lookAtCluster(ctx, c, d.app.now()) }},
		{"workers", func(ctx context.Context) []finding {
			list, err := c.Hosts(ctx)
			if err != nil {
				return []finding{failedBy("workers", err)}
			}
			return append([]finding{judgeWorkers(list.Items)}, judgeHosts(list.Items)...)
		}},
	}
}

// judgeCluster says what a master's view of its cluster means.
func judgeCluster(c wire.Cluster, now int64) []finding {
	var found []finding
	if why := stopped(c); why != "" {
		found = append(found, failed("leader", "%s", why).todo("capri doctor --config FILE on the machines of the masters says more"))
	} else {
		found = append(found, fine("leader", "%s leads, term %d for %s", c.Leader, c.Epoch, span(time.Duration(now-c.Since)*time.Millisecond)))
	}
	if c.Database.Error == "" {
		found = append(found, fine("database", "%s %s, schema %d, answers in %s", c.Database.Engine, c.Database.Version, c.Database.Schema, microsText(c.Database.Micros)))
	}
	lesser := lesserWarnings(c, now)
	for _, text := range lesser {
		found = append(found, worry("cluster", "%s", text))
	}
	if len(lesser) == 0 {
		found = append(found, fine("cluster", "%s of one version, majority %s; duties succeed", plural(len(c.Masters), "master"), quorumText(c)))
	}
	return found
}

// judgeWorkers counts the workers by how they are.
func judgeWorkers(hosts []wire.Host) finding {
	var on, off, silent int
	for _, h := range hosts {
		switch {
		case !h.Alive:
			silent++
		case hostPosition(h) == "on":
			on++
		default:
			off++
		}
	}
	text := fmt.Sprintf("%d on, %d off, %d silent", on, off, silent)
	switch {
	case len(hosts) == 0:
		return worry("workers", "there are none: nothing runs").todo("capri worker --config FILE starts one")
	case on == 0:
		return failed("workers", "%s: nothing starts", text).todo("capri host list shows them")
	case silent > 0:
		return worry("workers", "%s", text).todo("capri host list shows them; capri host dead HOST for one that is gone for good")
	}
	return fine("workers", "%s", text)
}

// judgeHosts looks at the vitals of the workers that get work.
func judgeHosts(hosts []wire.Host) []finding {
	var found []finding
	versions := map[string]bool{}
	for _, h := range hosts {
		if !h.Alive {
			continue
		}
		versions[h.Version] = true
		if h.Vitals.FreeDisk > 0 && h.Vitals.FreeDisk < freeWarn {
			found = append(found, worry(h.Host, "%s of its disk are free", bytesText(h.Vitals.FreeDisk)).todo("make room: it starts nothing below its limits.free_disk"))
		}
	}
	if len(versions) > 1 {
		found = append(found, worry("versions", "the workers run %d versions", len(versions)))
	}
	return found
}

// conditionsShown is how many troubles are listed one by one.
const conditionsShown = 10

// judgeConditions repeats what the masters' own monitor has found.
func judgeConditions(all []store.Condition) []finding {
	if len(all) == 0 {
		return []finding{fine("monitor", "the masters' monitor finds nothing wrong")}
	}
	sorted := slices.SortedFunc(slices.Values(all), func(a, b store.Condition) int {
		return cmp.Or(cmp.Compare(a.Since, b.Since), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Object, b.Object))
	})
	var found []finding
	for _, c := range sorted[:min(len(sorted), conditionsShown)] {
		found = append(found, worry("monitor", "%s: %s %s, since %s", c.Level, c.Kind, c.Object,
			time.UnixMilli(c.Since).UTC().Format(time.RFC3339)))
	}
	if more := len(all) - len(found); more > 0 {
		found = append(found, worry("monitor", "and %d more", more))
	}
	return found
}
