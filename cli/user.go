package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"capricornus/common/fault"
	"capricornus/common/wire"
)

func userCommand(a *app) *cobra.Command {
	return group("user", "Look at people and programs, add them, change them, shut them out",
		userListCommand(a), userGetCommand(a), userAddCommand(a), userSetCommand(a),
		userEnableCommand(a), userDisableCommand(a), userPasswdCommand(a), userSessionsCommand(a))
}

func userListCommand(a *app) *cobra.Command {
	var limit int
	cmd := &cobra.Command{
		Use: "list", Short: "List the users", Args: arguments(0, 0),
		RunE: a.call(func(ctx context.Context, c *wire.Client, _ []string) error {
			users, next, err := collect(limit, func(cursor string, size int) ([]wire.User, string, error) {
				page, err := c.Users(ctx, cursor, size)
				return page.Items, page.Next, err
			})
			if err != nil {
				return err
			}
			return showList(a, users, next, userName, func() { a.userTable(a.clock(ctx, c), users) })
		}),
	}
	limitFlag(cmd, &limit, 0)
	return cmd
}

func userName(u wire.User) string { return u.Name }

func (a *app) userTable(k clock, users []wire.User) {
	rows := make([]row, len(users))
	for i, u := range users {
		rows[i] = row{u.Name, u.Title, dash(u.Department), u.Role, a.userState(k, u), k.at(u.LastLoginAt)}
	}
	a.table([]string{"USER", "TITLE", "DEPARTMENT", "ROLE", "STATE", k.header("LAST LOGIN")}, rows)
}

// userState is whether a user can come in, and what keeps it out.
func (a *app) userState(k clock, u wire.User) cell {
	switch {
	case !u.Enabled:
		return cell{"disabled", grey}
	case u.LockedUntil > a.now().UnixMilli():
		return cell{"locked until " + k.full(u.LockedUntil), yellow}
	case u.External:
		return cell{"enabled, external", green}
	case u.MustChange:
		return cell{"enabled, must change the password", yellow}
	}
	return cell{"enabled", green}
}

func userGetCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "get NAME", Short: "Show a user and what was given to it", Args: arguments(1, 1),
		Example: "  capri user get ann",
		RunE: a.call(func(ctx context.Context, c *wire.Client, args []string) error {
			user, err := c.User(ctx, args[0])
			if err != nil {
				return err
			}
			return a.show(user, []string{user.Name}, func() { a.userDetail(a.clock(ctx, c), user) })
		}),
	}
}

func (a *app) userDetail(k clock, u wire.UserDetail) {
	a.fields("User", u.Name, "Title", u.Title, "Department", u.Department, "Role", u.Role, "State", a.userState(k, u.User),
		"Phone", u.Phone, "Mail", u.Mail, "Language", u.Lang, "Accounts", strings.Join(u.Accounts, ", "), "Projects", strings.Join(u.Projects, ", "),
		"Created", k.full(u.CreatedAt), "Last login", k.full(u.LastLoginAt), "Password of", k.full(u.PasswordAt))
}

func userAddCommand(a *app) *cobra.Command {
	var request wire.UserRequest
	var file string
	var none bool
	cmd := &cobra.Command{
		Use: "add NAME --role ROLE", Short: "Add a person or a program", Args: arguments(1, 1),
		Long: `Adds a user. The first password is asked for without showing it, or comes from
--password-file, or from stdin when that is no terminal; it must be changed at the first
login. With --no-password it is a program, which is given a token, or a person who logs in
at the identity provider.`,
		Example: `  capri user add ann --role developer --department dw --title "Ann Li"
  capri user add loader --role developer --no-password`,
		RunE: a.call(func(ctx context.Context, c *wire.Client, args []string) error {
			request.Name = args[0]
			if err := checkNewUser(request.Role, file, none); err != nil {
				return err
			}
			if !none {
				password, err := a.newPassword(file, request.Name)
				if err != nil {
					return err
				}
				request.Password = password.Reveal()
			}
			user, err := c.CreateUser(ctx, request)
			if err != nil {
				return err
			}
			return a.show(user, []string{user.Name}, func() { a.tellNewUser(user) })
		}),
	}
	flags := cmd.Flags()
	flags.StringVar(&request.Role, "role", "", "what it may do: `viewer|developer|operator|admin|superadmin`")
	flags.StringVar(&request.Department, "department", "", "`NAME` of its department")
	flags.StringVar(&request.Title, "title", "", "`TEXT` that people know it by")
	flags.StringVar(&request.Phone, "phone", "", "`NUMBER` to call")
	flags.StringVar(&request.Mail, "mail", "", "`ADDRESS` to write to")
	flags.StringVar(&request.Lang, "lang", "", "what it is sent is written in: `zh|en`; the cluster's own")
	flags.StringVar(&file, "password-file", "", "`FILE` that holds the first password")
	flags.BoolVar(&none, "no-password", false, "a program, or a person of the identity provider")
	flags.BoolVar(&request.KeepIt, "keep-password", false, "the password need not be changed at the first login")
	reasonFlag(cmd, &request.Reason)
	return cmd
}

func checkNewUser(role, file string, none bool) error {
	switch {
	case role == "":
		return fault.New(fault.Usage, "--role is wanted").WithHint("write viewer, developer, operator, admin or superadmin; capri permission list says what each may do")
	case none && file != "":
		return fault.New(fault.Usage, "--no-password and --password-file exclude each other")
	}
	return nil
}

func (a *app) tellNewUser(u wire.User) {
	a.say("user %s is added, %s", u.Name, u.Role)
	if u.HasPassword {
		a.say("  capri login ADDR --user %s logs in; capri account grant ACCOUNT %s lets its tasks run", u.Name, u.Name)
		return
	}
	a.say("  capri token add NAME --user %s makes a token for it", u.Name)
}

func userEnableCommand(a *app) *cobra.Command {
	var reason string
	cmd := &cobra.Command{
		Use: "enable NAME", Short: "Let a disabled user in again", Args: arguments(1, 1),
		Example: "  capri user enable ann --reason 'is back'",
		RunE: a.call(func(ctx context.Context, c *wire.Client, args []string) error {
			yes := true
			return a.changeUser(ctx, c, args[0], wire.UserChange{Enabled: &yes, Reason: reason},
				"user "+args[0]+" can log in again; its tokens are good again")
		}),
	}
	reasonFlag(cmd, &reason)
	return cmd
}

func userDisableCommand(a *app) *cobra.Command {
	r := removal{app: a}
	cmd := &cobra.Command{
		Use: "disable NAME --reason TEXT", Short: "Shut a user out: login, sessions and tokens", Args: arguments(1, 1),
		Long:    "Shuts a user out: it cannot log in, and neither its sessions nor its tokens are good. Its tasks go on.",
		Example: "  capri user disable bob --reason 'has left'",
		RunE: a.do(func(ctx context.Context, args []string) error {
			no := false
			done := "user " + args[0] + " is shut out; its tasks go on: capri task list shows whose they are"
			return r.run(ctx, "Shut "+args[0]+" out?", done, func(ctx context.Context, c *wire.Client) error {
				_, err := c.ChangeUser(ctx, args[0], wire.UserChange{Enabled: &no, Reason: r.reason})
				return err
			})
		}),
	}
	r.flags(cmd)
	return cmd
}
