package cli

import (
	"context"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"capricornus/common/fault"
	"capricornus/common/wire"
)

func alertCommand(a *app) *cobra.Command {
	return group("alert", "Look at alerts and at who is told of them, raise one from another system",
		alertListCommand(a), alertShowCommand(a), alertDeliveriesCommand(a), ackCommand(a, "alert"), alertSilenceCommand(a), alertTemplatesCommand(a), alertExplainCommand(a), alertTestCommand(a), alertRaiseCommand(a))
}

func alertListCommand(a *app) *cobra.Command {
	var query wire.AlertQuery
	var limit int
	cmd := &cobra.Command{
		Use: "list", Short: "List alerts, newest first", Args: arguments(0, 0),
		Example: "  capri alert list --level critical --from 2026-11-20\n  capri alert list --incident x7k2\n  capri alert list --kind external.disk-full --object nas7",
		RunE: a.call(func(ctx context.Context, c *wire.Client, _ []string) error {
			if limit < 1 {
				return fault.New(fault.Usage, "--limit %d is too small: write 1 or more", limit)
			}
			list, err := someAlerts(ctx, c, query, limit)
			if err != nil {
				return err
			}
			names := namesOf(list.Items, func(l wire.Alert) string { return strconv.FormatInt(l.ID, 10) })
			err = a.show(list, names, func() { a.alertTable(a.clock(ctx, c), list.Items) })
			a.moreThan(list.Next, len(list.Items))
			return err
		}),
	}
	flags := cmd.Flags()
	flags.StringVar(&query.Kind, "kind", "", "only of this `KIND`, such as batch-failed; those of other systems begin with external.")
	flags.StringVar(&query.Level, "level", "", "only of this level, `critical|important|notice|task`")
	flags.StringVar(&query.Object, "object", "", "only about this `OBJECT`: a batch, a worker, a duty")
	flags.StringVar(&query.Task, "task", "", "only about this `TASK`")
	flags.StringVar(&query.Incident, "incident", "", "only of the incident with this `CODE`")
	flags.StringVar(&query.From, "from", "", "recorded at `TIME` or later: 2026-11-20, 2026-11-20T08:00")
	flags.StringVar(&query.To, "to", "", "recorded at `TIME` or before")
	flags.IntVar(&limit, "limit", 50, "at most `N`")
	return cmd
}

func someAlerts(ctx context.Context, c *wire.Client, query wire.AlertQuery, limit int) (wire.AlertList, error) {
	list := wire.AlertList{Items: []wire.Alert{}}
	for {
		query.Cursor, query.Limit = list.Next, nextPage(limit, len(list.Items))
		page, err := c.Alerts(ctx, query)
		if err != nil {
			return list, err
		}
		list.Items = append(list.Items, page.Items...)
		list.Next = page.Next
		if page.Next == "" || len(page.Items) == 0 || len(list.Items) >= limit {
			return list, nil
		}
	}
}

func (a *app) alertTable(k clock, alerts []wire.Alert) {
	rows := make([]row, len(alerts))
	for i, l := range alerts {
		first, _, _ := strings.Cut(l.Text, "\n")
		rows[i] = row{l.ID, k.at(l.CreatedAt), cell{l.Level, levelColor(l.Level)}, l.Kind, l.Object, first}
	}
	a.table([]string{"ID", k.header("AT"), "LEVEL", "KIND", "OBJECT", "TEXT"}, rows)
}

func levelColor(level string) color {
	switch level {
	case wire.LevelCritical:
		return red
	case wire.LevelImportant, "task":
		return yellow
	}
	return grey
}

func alertShowCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "show ID", Short: "Show an alert", Args: arguments(1, 1),
		Example: "  capri alert show 4711",
		RunE: a.call(func(ctx context.Context, c *wire.Client, args []string) error {
			id, err := alertID(args[0])
			if err != nil {
				return err
			}
			alert, err := c.Alert(ctx, id)
			if err != nil {
				return err
			}
			return a.show(alert, []string{args[0]}, func() {
				k := a.clock(ctx, c)
				a.fields("Alert", alert.ID, "Level", cell{alert.Level, levelColor(alert.Level)}, "Kind", alert.Kind, "Object", alert.Object,
					"Occurrence", alert.Occurrence, "Task", alert.Task, "Raised by", alert.RaisedBy, "Recorded", k.full(alert.CreatedAt), "Incident", alert.Incident,
					"Silence", idOrNone(alert.Silence), "Told", k.full(alert.DeliveredAt), "Text", alert.Text)
			})
		}),
	}
}

// idOrNone is a number that is shown when there is one.
func idOrNone(id int64) string {
	if id == 0 {
		return ""
	}
	return strconv.FormatInt(id, 10)
}

func alertRaiseCommand(a *app) *cobra.Command {
	var request wire.RaiseAlertRequest
	cmd := &cobra.Command{
		Use: "raise KIND OBJECT TEXT", Short: "Raise an alert from another system", Args: arguments(3, 3),
		Long: `Records an alert of the kind external.KIND about OBJECT. The same kind, object and
--occurrence are recorded once, however often they are raised; without --occurrence each
call is an alert of its own.`,
		Example: "  capri alert raise disk-full nas7 'nas7 has 2 % left' --level important --occurrence 2026-11-20",
		RunE: a.call(func(ctx context.Context, c *wire.Client, args []string) error {
			request.Kind, request.Object, request.Text = args[0], args[1], args[2]
			reply, err := c.RaiseAlert(ctx, request)
			if err != nil {
				return err
			}
			return a.show(reply, []string{strconv.FormatInt(reply.ID, 10)}, func() {
				if !reply.Raised {
					a.say("alert %d about %s was raised before, with this occurrence; nothing was done", reply.ID, reply.Object)
					return
				}
				a.say("raised alert %d about %s", reply.ID, reply.Object)
			})
		}),
	}
	flags := cmd.Flags()
	flags.StringVar(&request.Level, "level", wire.LevelNotice, "`notice|important|critical`")
	flags.StringVar(&request.Occurrence, "occurrence", "", "`TEXT` that tells this occurrence from others, a date for example")
	flags.StringVar(&request.Task, "task", "", "the `TASK` it is about")
	return cmd
}
