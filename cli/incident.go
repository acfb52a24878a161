package cli

import (
	"context"

	"github.com/spf13/cobra"

	"capricornus/common/fault"
	"capricornus/common/wire"
)

func incidentCommand(a *app) *cobra.Command {
	cmd := group("incident", "Look at incidents, say that you have seen one", incidentListCommand(a), incidentShowCommand(a), ackCommand(a, "incident"))
	cmd.Long = `An incident is all alerts with one root: a file that is not there, a batch that failed, a
worker that is lost. It is over when its root is, and people are told of it as a whole.`
	return cmd
}

func incidentListCommand(a *app) *cobra.Command {
	query, all := wire.IncidentQuery{}, false
	var limit int
	cmd := &cobra.Command{
		Use: "list", Short: "List the incidents that are open, newest first", Args: arguments(0, 0),
		Example: "  capri incident list\n  capri incident list --all --level critical\n  capri incident list --text dwd_access_d",
		RunE: a.call(func(ctx context.Context, c *wire.Client, _ []string) error {
			if !all {
				query.State = "open"
			}
			incidents, next, err := collect(limit, func(cursor string, size int) ([]wire.Incident, string, error) {
				query.Cursor, query.Limit = cursor, size
				page, err := c.Incidents(ctx, query)
				return page.Items, page.Next, err
			})
			if err != nil {
				return err
			}
			if len(incidents) == 0 && !all {
				a.say("no such incident is open; --all lists those that are over, too")
			}
			return showList(a, incidents, next, func(in wire.Incident) string { return in.Code }, func() { a.incidentTable(a.clock(ctx, c), incidents) })
		}),
	}
	flags := cmd.Flags()
	flags.BoolVar(&all, "all", false, "those that are over, too")
	flags.StringVar(&query.Level, "level", "", "only of this level, `critical|important|notice|task`")
	flags.StringVar(&query.RootKind, "root", "", "only with a root of this kind, `path|third|batch|absent|worker|watch|channel|event`")
	flags.StringVar(&query.Text, "text", "", "only with this `TEXT` in the root or the cause")
	limitFlag(cmd, &limit, 50)
	return cmd
}

func (a *app) incidentTable(k clock, incidents []wire.Incident) {
	rows := make([]row, len(incidents))
	for i := range incidents {
		in := &incidents[i]
		rows[i] = row{in.Code, k.at(in.OpenedAt), cell{in.Level, levelColor(in.Level)}, incidentState(in), in.Affected, a.took(in.OpenedAt, in.ResolvedAt), in.Root, in.Cause}
	}
	a.table([]string{"CODE", k.header("SINCE"), "LEVEL", "STATE", "AFFECTED", "LASTS", "ROOT", "CAUSE"}, rows)
}

// incidentState is how an incident stands, for people.
func incidentState(in *wire.Incident) cell {
	switch {
	case in.ResolvedAt != 0:
		return cell{"over", grey}
	case in.AckBy != "":
		return cell{"seen by " + in.AckBy, yellow}
	}
	return cell{"open", red}
}

func incidentShowCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "show CODE", Short: "Show an incident, its newest alerts and what was sent about it", Args: arguments(1, 1),
		Example: "  capri incident show x7k2",
		RunE: a.call(func(ctx context.Context, c *wire.Client, args []string) error {
			in, err := c.Incident(ctx, args[0])
			if err != nil {
				return err
			}
			return a.show(in, []string{in.Code}, func() { a.incidentDetail(a.clock(ctx, c), &in) })
		}),
	}
}

func (a *app) incidentDetail(k clock, in *wire.IncidentDetail) {
	over := ""
	if in.ResolvedAt != 0 {
		over = k.full(in.ResolvedAt) + ", after " + a.took(in.OpenedAt, in.ResolvedAt)
	}
	a.fields("Incident", in.Code, "State", incidentState(&in.Incident), "Level", cell{in.Level, levelColor(in.Level)}, "Root", in.RootKind+" "+in.Root, "Cause", in.Cause,
		"Affected", in.Affected, "Since", k.full(in.OpenedAt), "Last alert", k.full(in.LastAlertAt), "Told last", k.full(in.ToldAt), "Over", over,
		"Seen by", in.AckBy, "Seen", k.full(in.AckAt), "Note", in.AckNote, "Quiet until", k.full(in.QuietUntil))
	a.print("")
	a.alertTable(k, in.Alerts)
	if in.Next != "" {
		a.say("the newest %d alerts; capri alert list --incident %s has more", len(in.Alerts), in.Code)
	}
	if len(in.Messages) == 0 {
		a.say("no message is about this incident alone; capri alert deliveries ID shows who is told of an alert")
		return
	}
	a.print("")
	rows := make([]row, len(in.Messages))
	for i := range in.Messages {
		m := &in.Messages[i]
		rows[i] = row{k.at(m.CreatedAt), m.Purpose, m.Recipient, m.Channel, dash(m.Address), a.messageState(k, m), m.Tries, dash(m.Answer)}
	}
	a.table([]string{k.header("AT"), "WHAT", "TO", "CHANNEL", "ADDRESS", "STATE", "TRIES", "ANSWER"}, rows)
	if in.More {
		a.say("the first %d messages; there are more", len(in.Messages))
	}
}

// messageState is what has become of a message.
func (a *app) messageState(k clock, m *wire.Message) cell {
	switch {
	case m.State == "sent":
		return cell{"sent " + k.at(m.EndedAt), green}
	case m.State == "failed":
		return cell{"failed " + k.at(m.EndedAt), red}
	case m.Tries > 0:
		return cell{"tried again " + k.at(m.DueAt), yellow}
	}
	return cell{"leaves " + k.at(m.DueAt), plain}
}

// ackCommand is capri incident ack, and capri alert ack: an alert is acknowledged
// with all others of its root.
func ackCommand(a *app, of string) *cobra.Command {
	var request wire.AckRequest
	cmd := &cobra.Command{
		Use: "ack CODE", Short: "Say that you have seen an incident: nobody is reminded of it for an hour", Args: arguments(1, 1),
		Long: `Says that you have seen an incident, which ends when its root does, not before. Nobody is
reminded of it for an hour; who is told for the first time, or of something graver, still is.`,
		Example: "  capri " + of + " ack x7k2 --note 'I have called the bank'",
		RunE: a.call(func(ctx context.Context, c *wire.Client, args []string) error {
			in, err := c.AckIncident(ctx, args[0], request)
			if err != nil {
				return err
			}
			return a.show(in, []string{in.Code}, func() {
				a.say("%s has seen incident %s; nobody is reminded of it before %s", in.AckBy, in.Code, a.clock(ctx, c).full(in.QuietUntil))
				a.say("  it is over when %s is; capri incident show %s says how it stands", oneLine(in.Root), in.Code)
			})
		}),
	}
	cmd.Flags().StringVar(&request.Note, "note", "", "`TEXT` that others read: who does what")
	return cmd
}

// alertID reads the number of an alert.
func alertID(text string) (int64, error) {
	id, err := parseID("an alert", text)
	if err != nil {
		return 0, fault.New(fault.Usage, "%q is not the id of an alert: write a number", text).WithHint("capri alert list shows them; an incident has a code, and capri incident show takes it")
	}
	return id, nil
}
