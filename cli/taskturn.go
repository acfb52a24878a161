package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"capricornus/common/fault"
	"capricornus/common/wire"
)

// turnHelp is what the verbs do, for the help of each.
func turnHelp(verb string) (short, long string) {
	switch verb {
	case "enable":
		return "Let tasks have batches again", `Saves a new version of each task that is enabled. Batches are generated from the next
base time on; what was due meanwhile is made by capri coldstart. What still waits may be
assigned at once.`
	case "disable":
		return "Let tasks have no batches", `Saves a new version of each task that is disabled. Nothing is generated for it, what waits
is not assigned, what runs goes on. To stop for a while only, capri task hold takes an end.`
	}
	return "Delete tasks; their batches and versions are kept", `Deletes tasks. A task that others have as a parent is refused, and so is one with unfinished
batches: nothing of it waits or runs afterwards. Its batches and versions stay; applied
again, the name goes on with its versions. Give children before their parents.`
}

// taskTurnCommand makes enable, disable or delete.
func taskTurnCommand(a *app, verb string) *cobra.Command {
	var reason string
	var yes bool
	short, long := turnHelp(verb)
	cmd := &cobra.Command{
		Use: verb + " TASK…", Short: short, Long: long, Args: arguments(1, -1),
		Example: "  capri task " + verb + " dwd_access_d --reason \"the source moves\"",
		RunE: a.do(func(ctx context.Context, args []string) error {
			question := ""
			if verb == "delete" {
				question = "Delete " + args[0]
				if len(args) > 1 {
					question = fmt.Sprintf("Delete %d tasks", len(args))
				}
			}
			return a.commandEach(ctx, commanded{names: args, reason: reason, question: question, yes: yes}, func(ctx context.Context, c *wire.Client, name string) (wire.CommandReply, error) {
				return c.TurnTask(ctx, verb, name, reason)
			})
		}),
	}
	cmd.Flags().StringVar(&reason, "reason", "", "`TEXT` kept with the version and in the audit log")
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return cmd
}

// commanded is what one command is about.
type commanded struct {
	names    []string
	reason   string
	question string // "": it destroys nothing, so nobody is asked
	yes      bool
}

// commandEach gives a command to one after the other and says what each did; one
// that is refused stops none of the others.
func (a *app) commandEach(ctx context.Context, of commanded, give func(context.Context, *wire.Client, string) (wire.CommandReply, error)) error {
	if of.reason == "" {
		return noReason()
	}
	if of.question != "" {
		if err := a.mayAsk(of.yes); err != nil {
			return err
		}
	}
	c, err := a.client()
	if err != nil {
		return err
	}
	if of.question != "" {
		if err := a.confirm(of.yes, of.question+"?"); err != nil {
			return err
		}
	}
	replies := []wire.CommandReply{}
	var failed []error
	for _, name := range of.names {
		reply, err := give(ctx, c, name)
		if err != nil && len(of.names) == 1 {
			return err
		}
		if err != nil {
			a.say("%s", oneLine(err.Error()))
			failed = append(failed, err)
			continue
		}
		replies = append(replies, reply)
	}
	names := namesOf(replies, func(r wire.CommandReply) string { return r.Object })
	if err := a.show(replies, names, func() { a.told(replies) }); err != nil {
		return err
	}
	if len(failed) == 0 {
		return nil
	}
	if len(replies) == 0 {
		return fault.Wrap(fault.CodeOf(failed[0]), errors.Join(failed...), "none of %s", strings.Join(of.names, ", "))
	}
	return &outcome{code: exitPartly, text: fmt.Sprintf("%d done, %d not", len(replies), len(failed))}
}

func (a *app) told(replies []wire.CommandReply) {
	for _, reply := range replies {
		a.say("%s", oneLine(reply.Message))
		if reply.Next != "" {
			a.say("  %s", oneLine(reply.Next))
		}
	}
}
