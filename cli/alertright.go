package cli

import (
	"context"

	"github.com/spf13/cobra"

	"capricornus/common/fault"
	"capricornus/common/wire"
)

// alertRightCommand is capri task alert-right.
func alertRightCommand(a *app) *cobra.Command {
	cmd := group("alert-right", "Say who hears of the alerts of a task besides its owner's department",
		alertRightListCommand(a), alertRightSetCommand(a), alertRightRemoveCommand(a))
	cmd.Long = `Users with rights of a task's alerts are told by the default rule. The SMS right texts and
mails at priority 0 to 4 and is nothing at 5 to 9; the mail right mails at every priority.
A task that is told to its owner only, or whose default rule is off, passes them over.`
	return cmd
}

func alertRightListCommand(a *app) *cobra.Command {
	var limit int
	cmd := &cobra.Command{
		Use: "list TASK", Short: "List who has rights of a task's alerts", Args: arguments(1, 1),
		Example: "  capri task alert-right list dwd_access_d",
		RunE: a.call(func(ctx context.Context, c *wire.Client, args []string) error {
			rights, next, err := collect(limit, func(cursor string, size int) ([]wire.AlertRight, string, error) {
				page, err := c.AlertRights(ctx, args[0], cursor, size)
				return page.Items, page.Next, err
			})
			if err != nil {
				return err
			}
			return showList(a, rights, next, func(r wire.AlertRight) string { return r.User }, func() {
				k := a.clock(ctx, c)
				rows := make([]row, len(rights))
				for i, r := range rights {
					rows[i] = row{r.User, r.Title, yesOrDash(r.SMS), yesOrDash(r.Mail), r.GrantedBy, k.at(r.GrantedAt)}
				}
				a.table([]string{"USER", "TITLE", "SMS", "MAIL", "GIVEN BY", k.header("AT")}, rows)
			})
		}),
	}
	limitFlag(cmd, &limit, 0)
	return cmd
}

func yesOrDash(is bool) string {
	if is {
		return "yes"
	}
	return "-"
}

func alertRightSetCommand(a *app) *cobra.Command {
	var request wire.AlertRightRequest
	cmd := &cobra.Command{
		Use: "set TASK USER --sms | --mail", Short: "Give a user rights of a task's alerts, instead of those the user had", Args: arguments(2, 2),
		Example: "  capri task alert-right set dwd_access_d bob --sms --mail --reason 'uses its data'",
		RunE: a.do(func(ctx context.Context, args []string) error {
			if !request.SMS && !request.Mail {
				return fault.New(fault.Usage, "which right is %s to have?", args[1]).WithHint("give --sms, --mail or both; capri task alert-right remove takes them")
			}
			return a.commandOne(ctx, "", true, func(ctx context.Context, c *wire.Client) (wire.CommandReply, error) {
				return c.PutAlertRight(ctx, args[0], args[1], request)
			})
		}),
	}
	cmd.Flags().BoolVar(&request.SMS, "sms", false, "text and mail to the user, at priority 0 to 4")
	cmd.Flags().BoolVar(&request.Mail, "mail", false, "mail to the user")
	reasonFlag(cmd, &request.Reason)
	return cmd
}

func alertRightRemoveCommand(a *app) *cobra.Command {
	var reason string
	var yes bool
	cmd := &cobra.Command{
		Use: "remove TASK USER --reason TEXT", Short: "Take a user's rights of a task's alerts", Args: arguments(2, 2),
		Example: "  capri task alert-right remove dwd_access_d bob --reason 'has moved'",
		RunE: a.do(func(ctx context.Context, args []string) error {
			if reason == "" {
				return noReason()
			}
			return a.commandOne(ctx, "Take the rights of "+args[0]+"'s alerts from "+args[1], yes, func(ctx context.Context, c *wire.Client) (wire.CommandReply, error) {
				return c.RemoveAlertRight(ctx, args[0], args[1], wire.ReasonRequest{Reason: reason})
			})
		}),
	}
	reasonFlag(cmd, &reason)
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return cmd
}
