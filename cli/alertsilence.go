package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"capricornus/common/fault"
	"capricornus/common/wire"
)

// alertSilenceCommand is capri alert silence.
func alertSilenceCommand(a *app) *cobra.Command {
	cmd := group("silence", "Keep alerts from people for a while", silenceListCommand(a), silenceAddCommand(a), silenceEndCommand(a))
	cmd.Long = `A silence keeps alerts from people until it ends: they are recorded, and nobody is told. When
it ends, people are told of what is still wrong. Operators silence anything, developers the
alerts of their own tasks.`
	return cmd
}

func silenceListCommand(a *app) *cobra.Command {
	var all bool
	var limit int
	cmd := &cobra.Command{
		Use: "list", Short: "List the silences that go on, newest first", Args: arguments(0, 0),
		Example: "  capri alert silence list --all",
		RunE: a.call(func(ctx context.Context, c *wire.Client, _ []string) error {
			silences, next, err := collect(limit, func(cursor string, size int) ([]wire.Silence, string, error) {
				page, err := c.Silences(ctx, all, cursor, size)
				return page.Items, page.Next, err
			})
			if err != nil {
				return err
			}
			if len(silences) == 0 && !all {
				a.say("nothing is silenced; --all lists silences that are over")
			}
			return showList(a, silences, next, func(s wire.Silence) string { return number64(s.ID) }, func() { a.silenceTable(a.clock(ctx, c), silences) })
		}),
	}
	cmd.Flags().BoolVar(&all, "all", false, "those that are over, too")
	limitFlag(cmd, &limit, 50)
	return cmd
}

func (a *app) silenceTable(k clock, silences []wire.Silence) {
	rows := make([]row, len(silences))
	for i := range silences {
		s := &silences[i]
		state := cell{"goes on", yellow}
		switch {
		case s.EndedBy != "":
			state = cell{"ended by " + s.EndedBy, grey}
		case !s.Active:
			state = cell{"over", grey}
		}
		rows[i] = row{s.ID, silenced(s), state, k.at(s.EndsAt), s.Author, s.Reason}
	}
	a.table([]string{"ID", "SILENCED", "STATE", k.header("UNTIL"), "BY", "REASON"}, rows)
}

// silenced is what a silence keeps from people, in words.
func silenced(s *wire.Silence) string {
	var parts []string
	for _, p := range []struct{ name, text string }{{"kind", s.Kind}, {"object", s.Object}, {"task", s.Task}, {"project", s.Project}} {
		if p.text != "" {
			parts = append(parts, p.name+" "+p.text)
		}
	}
	if len(parts) == 0 {
		return "-" // its task or project is gone
	}
	return strings.Join(parts, ", ")
}

func silenceAddCommand(a *app) *cobra.Command {
	var request wire.SilenceRequest
	var end holdEnd
	cmd := &cobra.Command{
		Use: "add --reason TEXT --for LONG | --until TIME", Short: "Keep alerts from people from now on, until an end", Args: arguments(0, 0),
		Long: `Keeps alerts from people that are of all that is named: a kind, an object, a task, a project.
They are recorded all the same. A silence lasts 30 days at most.`,
		Example: `  capri alert silence add --kind worker-lost --object 'rack7-*' --reason 'moving the rack' --for 2h
  capri alert silence add --task dwd_access_d --reason 'the source is repaired' --until 2026-11-20T08:00`,
		RunE: a.do(func(ctx context.Context, _ []string) error {
			if request.Kind == "" && request.Object == "" && request.Task == "" && request.Project == "" {
				return fault.New(fault.Usage, "what is to be silent?").WithHint("give --kind, --object, --task, --project or several: nothing silences everything")
			}
			if request.Reason == "" {
				return noReason()
			}
			until, err := end.instant(ctx, a)
			if err != nil {
				return err
			}
			if until == 0 {
				return fault.New(fault.Usage, "--for or --until is wanted: a silence has an end").WithHint("write --for 2h, or --until 2026-11-20T08:00")
			}
			c, err := a.client()
			if err != nil {
				return err
			}
			request.EndsAt = until
			reply, err := c.PutSilence(ctx, request)
			if err != nil {
				return err
			}
			return a.show(reply, []string{number64(reply.ID)}, func() {
				a.say("nobody is told of alerts of %s until %s", oneLine(silenced(&reply.Silence)), a.clock(ctx, c).full(reply.EndsAt))
				a.say("  capri alert silence end %d ends it before", reply.ID)
			})
		}),
	}
	flags := cmd.Flags()
	flags.StringVar(&request.Kind, "kind", "", "alerts of this `KIND`, such as worker-lost")
	flags.StringVar(&request.Object, "object", "", "alerts about this `OBJECT`; with a star at its end, about all that begins so")
	flags.StringVar(&request.Task, "task", "", "alerts about this `TASK`")
	flags.StringVar(&request.Project, "project", "", "alerts about tasks of this `PROJECT`")
	flags.StringVar(&request.Reason, "reason", "", "`TEXT` kept with it, for whoever misses an alert")
	end.flags(cmd)
	return cmd
}

func silenceEndCommand(a *app) *cobra.Command {
	var request wire.ReasonRequest
	cmd := &cobra.Command{
		Use: "end ID", Short: "End a silence: people are told of what is still wrong", Args: arguments(1, 1),
		Example: "  capri alert silence end 4711",
		RunE: a.do(func(ctx context.Context, args []string) error {
			id, err := parseID("a silence", args[0])
			if err != nil {
				return err
			}
			c, err := a.client()
			if err != nil {
				return err
			}
			reply, err := c.EndSilence(ctx, id, request)
			if err != nil {
				return err
			}
			return a.show(reply, []string{number64(reply.ID)}, func() {
				if !reply.Changed {
					a.say("silence %d was over already; nothing was done", reply.ID)
					return
				}
				a.say("silence %d is over: people are told of what is still wrong of %s", reply.ID, oneLine(silenced(&reply.Silence)))
				a.say("  capri incident list shows what is open")
			})
		}),
	}
	reasonFlag(cmd, &request.Reason)
	return cmd
}
