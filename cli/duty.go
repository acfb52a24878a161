package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"capricornus/common/wire"
)

func dutyCommand(a *app) *cobra.Command {
	cmd := group("duty", "Who is on duty: look, set days, put rotations, import a roster",
		dutyNowCommand(a), dutyListCommand(a), dutyMineCommand(a), dutyGapsCommand(a),
		dutySetCommand(a), dutyClearCommand(a), dutyRotationCommand(a), dutyRotationsCommand(a), dutyImportCommand(a))
	cmd.Long = `People on duty are called and texted about what cannot wait. Each department has a first and
a second; those of the department that setting platform_department names are on duty for the
platform itself. A duty lasts from midnight to midnight in the cluster's zone. What people
set or import for a day wins over the rotation.`
	return cmd
}

func dutyNowCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "now [DEPARTMENT]", Short: "Show who is on duty today", Args: arguments(0, 1),
		Long:    "Shows who is on duty today, with the numbers to call. Operators see whole numbers.",
		Example: "  capri duty now\n  capri duty now warehouse",
		RunE: a.call(func(ctx context.Context, c *wire.Client, args []string) error {
			return a.dutyList(ctx, c, wire.DutyQuery{Department: optional(args)})
		}),
	}
}

// optional is the one argument that may be left out.
func optional(args []string) string {
	if len(args) == 0 {
		return ""
	}
	return args[0]
}

func dutyListCommand(a *app) *cobra.Command {
	var query wire.DutyQuery
	cmd := &cobra.Command{
		Use: "list [DEPARTMENT]", Short: "List who is on duty, day by day", Args: arguments(0, 1),
		Long: `Lists who is on duty, by day and department; today when no days are given. Rotations fill the
next month; later days are shown as they will.`,
		Example: "  capri duty list --from 20261123 --to 20261129\n  capri duty list warehouse --to 20261129",
		RunE: a.call(func(ctx context.Context, c *wire.Client, args []string) error {
			query.Department = optional(args)
			return a.dutyList(ctx, c, query)
		}),
	}
	cmd.Flags().StringVar(&query.From, "from", "", "the first `DAY`: 20261123; today")
	cmd.Flags().StringVar(&query.To, "to", "", "the last `DAY`, included")
	return cmd
}

func dutyMineCommand(a *app) *cobra.Command {
	var from, to string
	cmd := &cobra.Command{
		Use: "mine", Short: "List the days on which you are on duty", Args: arguments(0, 0),
		Long:    "Lists the days on which you are on duty, first or second; those of the next month when no days are given.",
		Example: "  capri duty mine",
		RunE: a.call(func(ctx context.Context, c *wire.Client, _ []string) error {
			list, err := c.MyDuty(ctx, from, to)
			if err != nil {
				return err
			}
			if len(list.Items) == 0 {
				a.say("you are not on duty in these days; capri duty list shows who is")
			}
			return showList(a, list.Items, "", dutyName, func() { a.rosterTable(list.Items) })
		}),
	}
	cmd.Flags().StringVar(&from, "from", "", "the first `DAY`: 20261123; today")
	cmd.Flags().StringVar(&to, "to", "", "the last `DAY`, included")
	return cmd
}

// dutyList shows all pages of a question.
func (a *app) dutyList(ctx context.Context, c *wire.Client, query wire.DutyQuery) error {
	days, _, err := collect(0, func(cursor string, size int) ([]wire.DutyDay, string, error) {
		query.Cursor, query.Limit = cursor, size
		page, err := c.Duty(ctx, query)
		return page.Items, page.Next, err
	})
	if err != nil {
		return err
	}
	if len(days) == 0 {
		a.say("no department has a roster; capri duty rotation set DEPARTMENT USER… --every 7 --reason TEXT puts a rotation")
	}
	return showList(a, days, "", dutyName, func() { a.rosterTable(days) })
}

func dutyName(d wire.DutyDay) string { return d.Department + "/" + d.Day }

func (a *app) rosterTable(days []wire.DutyDay) {
	rows := make([]row, len(days))
	for i, d := range days {
		gaps := cell{"-", plain}
		if len(d.Gaps) > 0 {
			gaps = cell{gapWords(d.Gaps), red}
		}
		rows[i] = row{d.Day, d.Department, onDuty(d.Primary), numberOf(d.Primary), onDuty(d.Secondary), numberOf(d.Secondary), dash(d.Source), gaps, dash(d.Note)}
	}
	a.table([]string{"DAY", "DEPARTMENT", "PRIMARY", "PHONE", "SECONDARY", "PHONE", "SOURCE", "WRONG", "NOTE"}, rows)
}

// onDuty names somebody; nobody is a dash, which the gaps explain.
func onDuty(p *wire.DutyPerson) string {
	switch {
	case p == nil:
		return "-"
	case p.Title != "":
		return p.Name + " (" + p.Title + ")"
	}
	return p.Name
}

func numberOf(p *wire.DutyPerson) string {
	if p == nil {
		return "-"
	}
	return dash(p.Phone)
}

// gapWords says what is wrong with a day.
func gapWords(codes []string) string {
	known := map[string]string{
		"nobody": "nobody", "no-secondary": "no second", "same-person": "one person twice", "disabled": "disabled person", "no-phone": "no phone number",
	}
	words := make([]string, len(codes))
	for i, code := range codes {
		if words[i] = known[code]; words[i] == "" {
			words[i] = code
		}
	}
	return strings.Join(words, ", ")
}

func dutyGapsCommand(a *app) *cobra.Command {
	var days int
	cmd := &cobra.Command{
		Use: "gaps [DEPARTMENT]", Short: "Show what is wrong with the days to come", Args: arguments(0, 1),
		Long: `Shows the days from today on with nobody on duty, one person twice, or somebody who is
disabled; for the platform's department also those without a second or a phone number. They
are told as alerts of the kind duty-gap as many days ahead as setting duty_gap_days says.`,
		Example: "  capri duty gaps --days 30",
		RunE: a.call(func(ctx context.Context, c *wire.Client, args []string) error {
			list, err := c.DutyGaps(ctx, optional(args), days)
			if err != nil {
				return err
			}
			names := namesOf(list.Items, func(g wire.DutyGap) string { return g.Department + "/" + g.Day })
			err = a.show(list, names, func() { a.gapTable(list.Items) })
			if len(list.Items) == 0 {
				a.say("nothing is missing from %s to %s", list.From, list.To)
			}
			if list.More {
				a.say("there are more: ask about one department, or fewer days")
			}
			if list.Platform == "" {
				a.say("nobody is on duty for the platform: capri setting set platform_department NAME --reason TEXT says whose people are")
			}
			return err
		}),
	}
	cmd.Flags().IntVar(&days, "days", -1, "so many `N` after today, 30 at most; -1: as many as are told as alerts")
	return cmd
}

func (a *app) gapTable(gaps []wire.DutyGap) {
	rows := make([]row, len(gaps))
	for i, g := range gaps {
		color := yellow
		if g.Platform {
			color = red
		}
		rows[i] = row{g.Day, g.Department, cell{gapWords([]string{g.What}), color}, dash(g.Person), g.Text}
	}
	a.table([]string{"DAY", "DEPARTMENT", "WRONG", "WHO", "WHAT TO DO"}, rows)
}
