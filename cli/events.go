package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"capricornus/common/wire"
)

func eventsCommand(a *app) *cobra.Command {
	var query wire.LiveQuery
	var topics string
	cmd := &cobra.Command{
		Use: "events", Short: "Follow what happens, a line each", Args: arguments(0, 0),
		Long: `Prints what happens as it happens, until Ctrl-C: how batches change, operations, workers,
alerts, incidents, the duty roster, who leads. Of several changes of a batch within a second the
last one is told. When the master goes away the next one is asked, behind what was seen last.
"resync" says that something was missed. With -o json each line is one JSON object; its id,
given to --since, goes on there.`,
		Example: "  capri events --task dwd_access_d\n  capri events --topics batch --state failed -o json",
		RunE: a.call(func(ctx context.Context, c *wire.Client, _ []string) error {
			if topics != "" {
				query.Topics = strings.Split(topics, ",")
			} else if query.Task != "" || query.Project != "" || query.State != "" {
				query.Topics = []string{wire.TopicBatch}
			}
			query.Again = a.poll
			return a.followEvents(ctx, c, query)
		}),
	}
	flags := cmd.Flags()
	flags.StringVar(&topics, "topics", "", "only `TOPIC,...`: batch, operation, host, alert, incident, duty, cluster")
	flags.StringVar(&query.Task, "task", "", "only batches of this `TASK`")
	flags.StringVar(&query.Project, "project", "", "only batches of this `PROJECT`")
	flags.StringVar(&query.State, "state", "", "only batches that come to this `STATE` or result")
	flags.StringVar(&query.Since, "since", "", "go on behind the event with this `ID`, or from UTC milliseconds on")
	return cmd
}

func (a *app) followEvents(ctx context.Context, c *wire.Client, query wire.LiveQuery) error {
	k := a.clock(ctx, c)
	for e, err := range c.Follow(ctx, query) {
		if err != nil {
			return err
		}
		if err := a.printEvent(k, e); err != nil || a.out.err != nil {
			return err
		}
	}
	return nil
}

// printEvent prints one line, by the form that -o asks for.
func (a *app) printEvent(k clock, e wire.LiveEvent) error {
	if a.flags.output == formatTable {
		a.print("%s", a.eventLine(k, e))
		return nil
	}
	if a.flags.output == formatJSON {
		text, err := json.Marshal(e)
		a.print("%s", text)
		return err
	}
	return a.show(e, []string{eventName(e)}, func() {})
}

func eventName(e wire.LiveEvent) string {
	switch {
	case e.Batch != nil:
		return e.Batch.Ref
	case e.Operation != nil:
		return fmt.Sprintf("operation/%d", e.Operation.ID)
	case e.Host != nil:
		return e.Host.Host
	case e.Alert != nil:
		return e.Alert.Object
	case e.Incident != nil:
		return e.Incident.Code
	case e.Duty != nil:
		return cmp.Or(e.Duty.Department, e.Duty.Change)
	case e.Cluster != nil:
		return e.Cluster.Leader
	}
	return e.Topic
}

// eventLine says in a line what has happened.
func (a *app) eventLine(k clock, e wire.LiveEvent) string {
	name := oneLine(eventName(e))
	switch {
	case e.Batch != nil:
		b := e.Batch
		what := wire.Batch{State: b.To, Finish: b.Finish}
		state := stateCell(what)
		from := ""
		if b.From != "" && b.From != b.To {
			from = a.paint(grey, b.From+" > ")
		}
		host := ""
		if b.Host != "" {
			host = "  " + oneLine(b.Host)
		}
		return k.at(b.At) + "  " + name + "  " + from + a.paint(state.color, state.text) + host
	case e.Operation != nil:
		o := e.Operation
		return fmt.Sprintf("operation %d %s %s: %d of %d made, %d done, %d failed", o.ID, oneLine(o.Kind), o.State, o.Created, o.Total, o.Done, o.Failed)
	case e.Host != nil:
		return "worker " + name + " " + hostStands(*e.Host)
	case e.Alert != nil:
		return k.at(e.Alert.At) + "  " + a.paint(red, e.Alert.Level) + "  " + oneLine(e.Alert.Kind) + " " + name + ": " + oneLine(e.Alert.Text)
	case e.Incident != nil:
		return incidentStands(k, e.Incident)
	case e.Duty != nil:
		return k.at(e.Duty.At) + "  duty roster, " + name + ": " + oneLine(e.Duty.Change) + " by " + oneLine(e.Duty.By)
	case e.Cluster != nil && name == "":
		return "nobody leads"
	case e.Cluster != nil:
		return name + " leads"
	}
	return "resync: something was missed, look again"
}

func incidentStands(k clock, i *wire.LiveIncident) string {
	said := "incident " + oneLine(i.Code) + " is " + oneLine(i.State) + ", " + oneLine(i.Level)
	if i.AckBy != "" {
		said += ", seen by " + oneLine(i.AckBy) + " at " + k.at(i.AckAt)
	}
	return said
}

func hostStands(h wire.LiveHost) string {
	switch {
	case h.Dead:
		return "is declared dead"
	case !h.Alive:
		return "is silent"
	case h.Draining:
		return "drains"
	case h.Stopped:
		return "is off"
	}
	return "is on"
}
