package cli

import (
	"context"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"capricornus/common/wire"
)

func alertExplainCommand(a *app) *cobra.Command {
	var request wire.ExplainAlertRequest
	cmd := &cobra.Command{
		Use: "explain [TASK]", Short: "Show who would be told of an alert, by which rule, and who would not and why", Args: arguments(0, 1),
		Long: `Shows who would be told if an alert about TASK were recorded now, on which channel and by
which rule, and who would be and cannot be, for want of a number or of anybody on duty.
Nothing is recorded or sent. Without --kind it is any alert that goes by the task's own
rule. Alerts of a level go to administrators; those that other systems raise about a task
to its people, too. Without TASK it is an alert about no task, and needs --level.

Numbers and addresses are masked for who is no operator. --lang is as for capri batch why.`,
		Example: "  capri alert explain dwd_access_d --kind batch-failed\n  capri alert explain dwd_access_d --kind external.disk-full --level important\n  capri alert explain --level critical",
		RunE: a.call(func(ctx context.Context, c *wire.Client, args []string) error {
			if len(args) == 1 {
				request.Task = args[0]
			}
			request.Lang = a.language(request.Lang)
			all, err := c.ExplainAlert(ctx, request)
			if err != nil {
				return err
			}
			names := namesOf(all.Told, func(t wire.AlertTold) string { return t.Channel + ":" + firstOf(t.User, t.Address) })
			return a.show(all, names, func() { a.explainAlert(all) })
		}),
	}
	flags := cmd.Flags()
	flags.StringVar(&request.Kind, "kind", "", "of this `KIND`, such as batch-failed; those of other systems begin with external.")
	flags.StringVar(&request.Level, "level", "", "of this level, `critical|important|notice|task`; else that of the kind, or task")
	flags.StringVar(&request.Lang, "lang", "", "`en|zh`: the language of reasons")
	return cmd
}

func (a *app) explainAlert(all wire.AlertExplanation) {
	pairs := []any{"Task", all.Task, "Kind", all.Kind, "Level", cell{all.Level, levelColor(all.Level)}}
	if all.ByTask {
		pairs = append(pairs, "Priority", strconv.Itoa(all.Priority), "Owner", all.Owner)
	} else if all.Task != "" {
		pairs = append(pairs, "Told", "administrators alone: alerts of this kind do not go by the task's rule")
	}
	if all.Duty != nil {
		pairs = append(pairs, "On duty", dutyText(*all.Duty))
	}
	a.fields(append(pairs, "Platform", dutyText(all.Platform), "Day", all.Day)...)
	a.print("")
	rows := make([]row, len(all.Told))
	for i, t := range all.Told {
		who := t.User
		if t.Title != "" {
			who += " (" + t.Title + ")"
		}
		rows[i] = row{t.Channel, dash(who), t.Address, t.Rule, t.Because}
	}
	a.table([]string{"TOLD BY", "WHO", "ADDRESS", "RULE", "BECAUSE"}, rows)
	if len(all.Untold) == 0 {
		return
	}
	rows = make([]row, len(all.Untold))
	for i, u := range all.Untold {
		rows[i] = row{u.Channel, dash(u.User), cell{u.Why, yellow}, u.Rule, u.Because}
	}
	a.print("")
	a.table([]string{"NOT BY", "WHO", "WHY", "RULE", "ELSE BECAUSE"}, rows)
}

// dutyText is who is on duty for a department.
func dutyText(d wire.AlertDuty) string {
	if d.Department == "" {
		return "no department"
	}
	var on []string
	for _, name := range []string{d.Primary, d.Secondary} {
		if name != "" {
			on = append(on, name)
		}
	}
	if len(on) == 0 {
		return d.Department + ": nobody"
	}
	return d.Department + ": " + strings.Join(on, ", ")
}
