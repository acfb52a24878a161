package cli

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"capricornus/common/wire"
)

// Figures of a cluster that people should hear of.
const (
	clockWarn   = time.Second // between a master's clock and the database's
	lagWarn     = 256         // entries behind: what is further behind is sent a snapshot
	roundWarn   = 100 * time.Millisecond
	serviceRest = time.Minute // a duty may be that late before it counts
)

// clusterNow is the cluster's time when a master answered: it has just seen
// itself. Others' clocks do not matter.
func clusterNow(c wire.Cluster, own time.Time) int64 {
	if at := memberIndex(c.Masters, c.Node); at >= 0 && c.Masters[at].LastSeen > 0 {
		return c.Masters[at].LastSeen
	}
	return own.UnixMilli()
}

func memberIndex(masters []wire.Member, node string) int {
	return slices.IndexFunc(masters, func(m wire.Member) bool { return m.Node == node })
}

// stopped says why nothing is decided; empty: it is.
func stopped(c wire.Cluster) string {
	switch {
	case c.Database.Error != "":
		return c.Database.Error + ": nothing is decided, and who is heard of is not known"
	case c.Leader == "":
		return "nobody leads: nothing is decided until a master does"
	}
	return ""
}

// clusterWarnings says in words what is not as it should be, worst first.
func clusterWarnings(c wire.Cluster, now int64) []string {
	if why := stopped(c); why != "" {
		return append([]string{why}, lesserWarnings(c, now)...)
	}
	return lesserWarnings(c, now)
}

// lesserWarnings are those of a cluster that decides, or could.
func lesserWarnings(c wire.Cluster, now int64) []string {
	said := majorityWarnings(c)
	add := func(format string, args ...any) { said = append(said, fmt.Sprintf(format, args...)) }
	for _, m := range c.Masters {
		if c.Leader != "" && m.State == wire.MemberFollower {
			m.Refused = "" // of a claim before: another leads now
		}
		said = append(said, memberWarnings(m, now)...)
	}
	if versions := versionsOf(c.Masters); len(versions) > 1 {
		add("%d versions are running: %s", len(versions), strings.Join(versions, ", "))
	}
	if round := time.Duration(c.Database.Micros) * time.Microsecond; round > roundWarn {
		add("a question to the database takes %s: every decision waits for several", span(round))
	}
	return append(said, dutyWarnings(c.Services, c.Since, now)...)
}

// majorityWarnings says how many masters may be missed. Without the database
// nobody can say who is there.
func majorityWarnings(c wire.Cluster) []string {
	members := slices.DeleteFunc(slices.Clone(c.Masters), func(m wire.Member) bool { return m.State == wire.MemberGone })
	if c.Database.Error != "" || len(members) < 2 {
		return nil
	}
	var missing []string
	for _, m := range members {
		if m.State == wire.MemberSilent || m.State == wire.MemberUnknown {
			missing = append(missing, m.Node)
		}
	}
	heard := len(members) - len(missing)
	switch {
	case heard < c.Quorum:
		return []string{fmt.Sprintf("%d of %d masters are heard of and %d are needed: start %s", heard, len(members), c.Quorum, strings.Join(missing, " or "))}
	case heard == c.Quorum && len(missing) > 0:
		return []string{fmt.Sprintf("without %s there is just a majority: do not stop another", strings.Join(missing, " and "))}
	case len(members)%2 == 0:
		return []string{fmt.Sprintf("%d masters bear no more failures than %d: take one in, or out", len(members), len(members)-1)}
	}
	return nil
}

func memberWarnings(m wire.Member, now int64) []string {
	var said []string
	add := func(format string, args ...any) { said = append(said, m.Node+" "+fmt.Sprintf(format, args...)) }
	ago := span(time.Duration(now-m.LastSeen) * time.Millisecond)
	switch m.State {
	case wire.MemberSilent:
		add("has not been heard of for %s", ago)
		return said
	case wire.MemberUnknown:
		if now == 0 || m.LastSeen == 0 {
			add("is a member and has never been heard of")
		}
		return said
	case wire.MemberGone:
		if time.Duration(now-m.LastSeen)*time.Millisecond < time.Minute {
			add("is no member and runs: capri cluster join takes it in, else stop it")
		}
		return said
	case wire.MemberClaiming:
		add("is followed and does not lead: the database has not given it a term")
	}
	if m.Refused != "" {
		add("could not lead: %s", m.Refused)
	}
	if offset := time.Duration(m.ClockOffset) * time.Millisecond; offset.Abs() > clockWarn {
		add("has a clock %s: set it by NTP", clockText(offset))
	}
	if m.Lag > lagWarn {
		add("has yet to apply %d entries of the masters' log", m.Lag)
	}
	return said
}

// clockText says how a clock stands to the database's, which is ahead of it by
// an offset.
func clockText(offset time.Duration) string {
	if offset < 0 {
		return span(-offset) + " ahead of the database's"
	}
	return span(offset) + " behind the database's"
}

// versionsOf lists the versions of the masters that are heard of, each with its
// masters.
func versionsOf(masters []wire.Member) []string {
	nodes := map[string][]string{}
	var order []string
	for _, m := range masters {
		if m.Version == "" || m.State == wire.MemberSilent || m.State == wire.MemberGone {
			continue
		}
		if nodes[m.Version] == nil {
			order = append(order, m.Version)
		}
		nodes[m.Version] = append(nodes[m.Version], m.Node)
	}
	slices.Sort(order)
	out := make([]string, len(order))
	for i, version := range order {
		out[i] = version + " (" + strings.Join(nodes[version], ", ") + ")"
	}
	return out
}

// dutyWarnings names the duties that fail or have not run when they should have
// under this term.
func dutyWarnings(services []wire.Service, since, now int64) []string {
	var said []string
	for _, s := range services {
		if late := dutyLate(s, since, now); late > 0 {
			said = append(said, fmt.Sprintf("%s should run every %s and has not succeeded for %s%s",
				s.Name, span(time.Duration(s.Every)*time.Millisecond), span(late), because(s.Error)))
		} else if s.Error != "" {
			said = append(said, s.Name+" has failed lately: "+s.Error)
		}
	}
	return said
}

func because(text string) string {
	if text == "" {
		return ""
	}
	return ": " + text
}

// dutyLate is how long a duty has not succeeded, when that is longer than three
// of its intervals and a rest; before the term began nobody was to run it.
func dutyLate(s wire.Service, since, now int64) time.Duration {
	if s.Every == 0 || since == 0 {
		return 0
	}
	late := time.Duration(now-max(s.SucceededAt, since)) * time.Millisecond
	if late <= 3*time.Duration(s.Every)*time.Millisecond+serviceRest {
		return 0
	}
	return late
}
