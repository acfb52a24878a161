package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"capricornus/common/wire"
)

func clusterStatusCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "status", Short: "Show the masters, who leads, the database and the duties", Args: arguments(0, 0),
		Long: `Shows every master as the one that answers sees it: what it is, when it was last heard of,
how far it is behind in the masters' log, how far its clock is from the database's and how
long the database takes to answer it. Then the duties with their last passes. What is not
as it should be is said in words. Exit code 0 whenever a master answers; capri doctor
has one for what is wrong.`,
		RunE: a.call(func(ctx context.Context, c *wire.Client, _ []string) error {
			cluster, err := c.Cluster(ctx)
			if err != nil {
				return err
			}
			names := namesOf(cluster.Masters, func(m wire.Member) string { return m.Node })
			return a.show(cluster, names, func() { a.clusterPicture(a.clock(ctx, c), cluster) })
		}),
	}
}

func (a *app) clusterPicture(k clock, c wire.Cluster) {
	now := clusterNow(c, a.now())
	a.fields("Cluster", c.ID, "Leader", leaderCell(k, c, now), "Asked", c.Node+" "+c.Version, "Raft", fmt.Sprintf("term %d", c.RaftTerm),
		"Quorum", quorumText(c), "Database", databaseCell(c.Database))
	for _, warning := range clusterWarnings(c, now) {
		a.print("%s", a.paint(yellow, "! "+oneLine(warning)))
	}
	a.print("")
	a.memberTable(c.Masters, now)
	if len(c.Services) > 0 {
		a.print("")
		a.dutyTable(k, c.Services, c.Since, now)
	}
}

func leaderCell(k clock, c wire.Cluster, now int64) cell {
	if c.Leader == "" {
		return cell{"nobody", red}
	}
	text := fmt.Sprintf("%s, term %d", c.Leader, c.Epoch)
	if c.Since > 0 {
		text += fmt.Sprintf(" since %s (%s)", k.full(c.Since), span(time.Duration(now-c.Since)*time.Millisecond))
	}
	return cell{text, green}
}

func quorumText(c wire.Cluster) string {
	members, heard := 0, 0
	for _, m := range c.Masters {
		switch m.State {
		case wire.MemberGone:
			continue
		case wire.MemberSilent, wire.MemberUnknown:
		default:
			heard++
		}
		members++
	}
	return fmt.Sprintf("%d of %d, %d heard of", c.Quorum, members, heard)
}

func databaseCell(d wire.Database) cell {
	if d.Error != "" {
		return cell{d.Engine + ": " + d.Error, red}
	}
	text := strings.TrimSpace(d.Engine + " " + d.Version)
	return cell{fmt.Sprintf("%s, schema %d, answers in %s", text, d.Schema, microsText(d.Micros)), plain}
}

// microsText is a round trip, a dash for none.
func microsText(micros int64) string {
	switch {
	case micros == 0:
		return "-"
	case micros < 1_000:
		return fmt.Sprintf("%.2fms", float64(micros)/1000)
	case micros < 10_000:
		return fmt.Sprintf("%.1fms", float64(micros)/1000)
	}
	return span(time.Duration(micros) * time.Microsecond)
}

func (a *app) memberTable(masters []wire.Member, now int64) {
	rows := make([]row, len(masters))
	for i, m := range masters {
		rows[i] = row{
			m.Node, memberCell(m.State), dash(m.Version), dash(m.Address), dash(m.Raft), seenText(m, now),
			m.Lag, offsetText(m), microsText(m.DatabaseMicros),
		}
	}
	a.table([]string{"NODE", "ROLE", "VERSION", "API", "RAFT", "SEEN", "LAG", "CLOCK", "DATABASE"}, rows)
}

func memberCell(state string) cell {
	switch state {
	case wire.MemberLeader:
		return cell{state, green}
	case wire.MemberClaiming:
		return cell{state, yellow}
	case wire.MemberSilent, wire.MemberUnknown:
		return cell{state, red}
	case wire.MemberGone:
		return cell{state, grey}
	}
	return cell{state, plain}
}

func seenText(m wire.Member, now int64) string {
	if m.LastSeen == 0 {
		return "never"
	}
	ago := time.Duration(now-m.LastSeen) * time.Millisecond
	if ago < time.Second {
		return "now"
	}
	return span(ago.Truncate(time.Second)) + " ago"
}

// offsetText is how far a master's clock is ahead of the database's.
func offsetText(m wire.Member) string {
	if m.LastSeen == 0 {
		return "-"
	}
	return fmt.Sprintf("%+dms", -m.ClockOffset)
}

func (a *app) dutyTable(k clock, services []wire.Service, since, now int64) {
	rows := make([]row, len(services))
	for i, s := range services {
		outcome := cell{"-", grey}
		switch {
		case s.Error != "":
			outcome = cell{s.Error, red}
		case dutyLate(s, since, now) > 0:
			outcome = cell{"late", red}
		case s.EndedAt > 0:
			outcome = cell{"ok", green}
		}
		rows[i] = row{s.Name, everyText(s), k.at(s.EndedAt), k.at(s.SucceededAt), outcome}
	}
	a.table([]string{"DUTY", "EVERY", k.header("LAST PASS"), k.header("LAST SUCCESS"), "OUTCOME"}, rows)
}

// everyText is the interval of a duty, a dash for one that runs at certain hours.
func everyText(s wire.Service) string {
	if s.Every == 0 {
		return "-"
	}
	text := (time.Duration(s.Every) * time.Millisecond).String() // 1h0m0s
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}
