package cli

import (
	"context"

	"github.com/spf13/cobra"

	"capricornus/common/fault"
	"capricornus/common/wire"
)

// holding is hold or release of a task or project, or a breaker's trip or reset.
type holding struct {
	app    *app
	reason string
	yes    bool
	end    holdEnd
}

// request reads what the flags say; ends tells whether the command puts an end
// to something, which needs no reason.
func (h *holding) request(ctx context.Context, ends bool) (wire.CommandRequest, error) {
	if h.reason == "" && !ends {
		return wire.CommandRequest{}, noReason()
	}
	until, err := h.end.instant(ctx, h.app)
	return wire.CommandRequest{Reason: h.reason, Until: until}, err
}

func (h *holding) flags(cmd *cobra.Command, ends bool) {
	cmd.Flags().StringVar(&h.reason, "reason", "", "`TEXT` kept with it")
	if ends {
		return
	}
	h.end.flags(cmd)
	cmd.Flags().BoolVar(&h.yes, "yes", false, "do not ask")
}

func taskHoldCommand(a *app) *cobra.Command {
	return objectCommand(a, "TASK", "hold", "Keep all batches of a task from being assigned", (*wire.Client).CommandTask)
}

func taskReleaseCommand(a *app) *cobra.Command {
	return objectCommand(a, "TASK", "release", "Let the batches of a held task go", (*wire.Client).CommandTask)
}

// objectCommand makes hold or release of a task or project.
func objectCommand(a *app, what, verb, short string, give func(*wire.Client, context.Context, string, string, wire.CommandRequest) (wire.CommandReply, error)) *cobra.Command {
	h := holding{app: a}
	ends := verb == "release"
	cmd := &cobra.Command{
		Use: verb + " " + what, Short: short, Args: arguments(1, 1),
		RunE: a.do(func(ctx context.Context, args []string) error {
			request, err := h.request(ctx, ends)
			if err != nil {
				return err
			}
			question := ""
			if what == "PROJECT" && !ends {
				question = "Hold project " + args[0]
			}
			return a.commandOne(ctx, question, h.yes, func(ctx context.Context, c *wire.Client) (wire.CommandReply, error) {
				return give(c, ctx, verb, args[0], request)
			})
		}),
	}
	if !ends {
		cmd.Long = short + ", until it is released, or until an\nend. What is assigned is taken back; what runs goes on, and is held when it is retried."
		example := map[string]string{"TASK": "task hold dwd_access_d", "PROJECT": "project hold weblog"}[what]
		cmd.Example = "  capri " + example + ` --reason "the source is repaired" --until 2015-05-18T08:00`
	}
	if ends {
		cmd.Example = "  capri " + map[string]string{"TASK": "task release dwd_access_d", "PROJECT": "project release weblog"}[what]
	}
	h.flags(cmd, ends)
	return cmd
}

func breakerCommand(a *app) *cobra.Command {
	return group("breaker", "Stop a task or project at once, and start it again",
		breakerTurnCommand(a, "trip", "Trip a breaker: batches of the task or project are not assigned any more"),
		breakerTurnCommand(a, "reset", "Close a breaker"),
		holdListCommand(a, "List the breakers that are tripped", (*wire.Client).Breakers))
}

func breakerTurnCommand(a *app, verb, short string) *cobra.Command {
	h := holding{app: a}
	var request wire.BreakerRequest
	ends := verb == "reset"
	cmd := &cobra.Command{
		Use: verb + " --task TASK | --project PROJECT", Short: short, Args: arguments(0, 0),
		RunE: a.do(func(ctx context.Context, _ []string) error {
			if (request.Task == "") == (request.Project == "") {
				return fault.New(fault.Usage, "a breaker is that of one task or of one project").WithHint("give --task or --project")
			}
			given, err := h.request(ctx, ends)
			if err != nil {
				return err
			}
			request.Reason, request.Until = given.Reason, given.Until
			question := ""
			if !ends {
				question = "Trip the breaker of " + request.Task + request.Project
			}
			return a.commandOne(ctx, question, h.yes, func(ctx context.Context, c *wire.Client) (wire.CommandReply, error) {
				return c.Breaker(ctx, verb, request)
			})
		}),
	}
	cmd.Example = "  capri breaker " + map[bool]string{true: "reset --project weblog", false: `trip --project weblog --reason "bad source data" --for 2h`}[ends]
	cmd.Flags().StringVar(&request.Task, "task", "", "that of this `TASK`")
	cmd.Flags().StringVar(&request.Project, "project", "", "that of this `PROJECT`")
	h.flags(cmd, ends)
	return cmd
}

func holdCommand(a *app) *cobra.Command {
	return group("hold", "Look at what is held",
		holdListCommand(a, "List all holds: of persons, breakers and the quality service", (*wire.Client).Holds))
}

// holdListCommand lists holds of some kind.
func holdListCommand(a *app, short string, page func(*wire.Client, context.Context, string, int) (wire.HoldList, error)) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: short, Args: arguments(0, 0),
		RunE: a.call(func(ctx context.Context, c *wire.Client, _ []string) error {
			all := wire.HoldList{Items: []wire.Hold{}}
			for {
				list, err := page(c, ctx, all.Next, pageSize)
				if err != nil {
					return err
				}
				all.Items, all.Next = append(all.Items, list.Items...), list.Next
				if list.Next == "" || len(list.Items) == 0 {
					break
				}
			}
			return a.show(all, namesOf(all.Items, func(h wire.Hold) string { return h.Object }), func() { a.holdTable(a.clock(ctx, c), all.Items) })
		}),
	}
}

func (a *app) holdTable(k clock, holds []wire.Hold) {
	rows := make([]row, len(holds))
	for i, h := range holds {
		rows[i] = row{h.Kind, h.Object, h.Source, h.Actor, k.at(h.Since), k.at(h.Until), h.Reason}
	}
	a.table([]string{"KIND", "HELD", "SOURCE", "BY", k.header("SINCE"), "UNTIL", "REASON"}, rows)
}
