package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"capricornus/common/wire"
)

func accountCommand(a *app) *cobra.Command {
	cmd := group("account", "Look at execution accounts, add them, grant them to users",
		accountListCommand(a), accountAddCommand(a), accountDeleteCommand(a), accountGrantCommand(a), accountRevokeCommand(a))
	cmd.Long = `An execution account is a user of the workers' system that scripts run as. A task runs as
the account it names only when that is granted to the task's owner: otherwise its batches
fail. Workers have a list of their own of what they may run as.`
	return cmd
}

func accountListCommand(a *app) *cobra.Command {
	var limit int
	cmd := &cobra.Command{
		Use: "list", Short: "List the accounts and whom they are granted to", Args: arguments(0, 0),
		RunE: a.call(func(ctx context.Context, c *wire.Client, _ []string) error {
			accounts, next, err := collect(limit, func(cursor string, size int) ([]wire.Account, string, error) {
				page, err := c.Accounts(ctx, cursor, size)
				return page.Items, page.Next, err
			})
			if err != nil {
				return err
			}
			return showList(a, accounts, next, func(n wire.Account) string { return n.Name }, func() {
				rows := make([]row, len(accounts))
				for i, n := range accounts {
					rows[i] = row{n.Name, dash(strings.Join(n.Users, ", ")), n.Description}
				}
				a.table([]string{"ACCOUNT", "GRANTED TO", "DESCRIPTION"}, rows)
			})
		}),
	}
	limitFlag(cmd, &limit, 0)
	return cmd
}

func accountAddCommand(a *app) *cobra.Command {
	var request wire.AccountRequest
	cmd := &cobra.Command{
		Use: "add NAME", Short: "Make an account known", Args: arguments(1, 1),
		Long:    "Makes an account known to the cluster. It makes none on the workers: they must have that user, and list it.",
		Example: "  capri account add etl --description 'loads of the warehouse'",
		RunE: a.call(func(ctx context.Context, c *wire.Client, args []string) error {
			request.Name = args[0]
			account, err := c.CreateAccount(ctx, request)
			if err != nil {
				return err
			}
			return a.show(account, []string{account.Name}, func() {
				a.say("account %s is known", account.Name)
				a.say("  capri account grant %s USER lets the tasks of a user run as it, on workers that list it under accounts", account.Name)
			})
		}),
	}
	cmd.Flags().StringVar(&request.Description, "description", "", "`TEXT` that says what it is for")
	reasonFlag(cmd, &request.Reason)
	return cmd
}

func accountDeleteCommand(a *app) *cobra.Command {
	r := removal{app: a}
	cmd := &cobra.Command{
		Use: "delete NAME --reason TEXT", Short: "Delete an account that is granted to nobody", Args: arguments(1, 1),
		Example: "  capri account delete report --reason 'not used any more'",
		RunE: a.do(func(ctx context.Context, args []string) error {
			return r.run(ctx, "Delete account "+args[0]+"?", "account "+args[0]+" is deleted; the workers' users are as they were", func(ctx context.Context, c *wire.Client) error {
				return c.DeleteAccount(ctx, args[0], wire.ReasonRequest{Reason: r.reason})
			})
		}),
	}
	r.flags(cmd)
	return cmd
}

func accountGrantCommand(a *app) *cobra.Command {
	var reason string
	cmd := &cobra.Command{
		Use: "grant ACCOUNT USER", Short: "Let the tasks of a user run as an account", Args: arguments(2, 2),
		Example: "  capri account grant etl ann --reason 'takes over the loads'",
		RunE: a.call(func(ctx context.Context, c *wire.Client, args []string) error {
			grant, err := c.GrantAccount(ctx, args[0], wire.UserReasonRequest{User: args[1], Reason: reason})
			if err != nil {
				return err
			}
			return a.show(grant, []string{grant.Account + "/" + grant.User}, func() {
				a.say("the tasks of %s may run as %s now", grant.User, grant.Account)
				a.say("  batches that failed for want of it: capri batch rerun TASK --range A..B --mode failed")
			})
		}),
	}
	reasonFlag(cmd, &reason)
	return cmd
}

func accountRevokeCommand(a *app) *cobra.Command {
	r := removal{app: a}
	cmd := &cobra.Command{
		Use: "revoke ACCOUNT USER --reason TEXT", Short: "Take an account away from a user", Args: arguments(2, 2),
		Example: "  capri account revoke etl bob --reason 'has moved'",
		Long:    "Takes an account away from a user. Its batches that name the account fail from now on; what runs goes on.",
		RunE: a.do(func(ctx context.Context, args []string) error {
			question := "Take " + args[0] + " away from " + args[1] + "? Its batches that name it will fail."
			done := args[1] + " may not use " + args[0] + " any more; what runs goes on"
			return r.run(ctx, question, done, func(ctx context.Context, c *wire.Client) error {
				return c.RevokeAccount(ctx, args[0], wire.UserReasonRequest{User: args[1], Reason: r.reason})
			})
		}),
	}
	r.flags(cmd)
	return cmd
}
