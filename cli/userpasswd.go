package cli

import (
	"context"

	"github.com/spf13/cobra"

	"capricornus/common/fault"
	"capricornus/common/wire"
)

// passwd sets a password: one's own, or somebody else's.
type passwd struct {
	app     *app
	file    string
	oldFile string
	keep    bool
	reason  string
	door    hostDoorFlags
}

func userPasswdCommand(a *app) *cobra.Command {
	p := &passwd{app: a, door: hostDoorFlags{app: a}}
	cmd := &cobra.Command{
		Use: "passwd [NAME]", Short: "Set a password: your own, or another user's", Args: arguments(0, 1),
		Long: `Without NAME it is your own: the old one is asked for, too. Passwords are asked for without
showing them, or come from files, or from stdin when that is no terminal: the old one on the
first line, the new one on the next. Another user must change it at the next login.
When nobody is left who could set it, --direct does so in the database itself.`,
		Example: `  capri user passwd
  capri user passwd ann --reason 'has forgotten it'
  capri user passwd admin --direct --config /etc/capri/master.yaml --keep-password`,
		RunE: a.do(p.start),
	}
	cmd.Flags().StringVar(&p.file, "password-file", "", "`FILE` that holds the new password")
	cmd.Flags().StringVar(&p.oldFile, "old-password-file", "", "`FILE` that holds your old password")
	cmd.Flags().BoolVar(&p.keep, "keep-password", false, "another user need not change it at the next login")
	reasonFlag(cmd, &p.reason)
	p.door.flags(cmd)
	return cmd
}

func (p *passwd) start(ctx context.Context, args []string) error {
	if p.door.direct {
		if len(args) == 0 {
			return fault.New(fault.Usage, "--direct needs the name of the user: capri user passwd NAME --direct")
		}
		return p.direct(ctx, args[0])
	}
	if p.door.config != "" || p.door.database != "" {
		return fault.New(fault.Usage, "--config and --database name a database to work on: that is only done with --direct")
	}
	client, err := p.app.client()
	if err != nil {
		return err
	}
	return p.run(ctx, client, args)
}

func (p *passwd) run(ctx context.Context, c *wire.Client, args []string) error {
	me, err := c.Me(ctx)
	if err != nil {
		return err
	}
	if len(args) == 0 || args[0] == me.User.Name {
		return p.own(ctx, c, me.User.Name)
	}
	if p.oldFile != "" {
		return fault.New(fault.Usage, "--old-password-file is for your own password, and %s is another user", args[0])
	}
	password, err := p.app.newPassword(p.file, args[0])
	if err != nil {
		return err
	}
	err = c.SetPassword(ctx, args[0], wire.PasswordSetRequest{Password: password.Reveal(), KeepIt: p.keep, Reason: p.reason})
	if err != nil {
		return err
	}
	p.app.say("%s has another password", args[0])
	if !p.keep {
		p.app.say("  it must be changed at the next login; capri user sessions %s shows who is logged in", args[0])
	}
	return nil
}

func (p *passwd) own(ctx context.Context, c *wire.Client, name string) error {
	old, err := p.app.password(p.oldFile, "Old password of "+name+": ")
	if err != nil {
		return err
	}
	password, err := p.app.newPassword(p.file, name)
	if err != nil {
		return err
	}
	if err := c.ChangePassword(ctx, wire.PasswordRequest{Old: old.Reveal(), New: password.Reveal()}); err != nil {
		return err
	}
	p.app.say("your password is changed; capri user sessions shows where else you are logged in")
	return nil
}

func userSessionsCommand(a *app) *cobra.Command {
	r := removal{app: a}
	var query wire.SessionQuery
	var limit int
	var revoke int64
	cmd := &cobra.Command{
		Use: "sessions [NAME]", Short: "List who is logged in with a browser, end such a session", Args: arguments(0, 1),
		Example: `  capri user sessions ann
  capri user sessions --revoke 17 --reason 'lost laptop'`,
		RunE: a.do(func(ctx context.Context, args []string) error {
			if revoke != 0 {
				return r.run(ctx, "End session "+number64(revoke)+"?", "session "+number64(revoke)+" is ended: its browser must log in again", func(ctx context.Context, c *wire.Client) error {
					return c.RevokeSession(ctx, revoke, wire.ReasonRequest{Reason: r.reason})
				})
			}
			query.User = firstOf(args...)
			if query.User != "" && query.All {
				return fault.New(fault.Usage, "--all is of all users, and %s is one", query.User)
			}
			return a.listSessions(ctx, query, limit)
		}),
	}
	cmd.Flags().BoolVar(&query.All, "all", false, "those of all users")
	cmd.Flags().Int64Var(&revoke, "revoke", 0, "end the session with this `ID`")
	limitFlag(cmd, &limit, 0)
	r.flags(cmd)
	return cmd
}

func (a *app) listSessions(ctx context.Context, query wire.SessionQuery, limit int) error {
	c, err := a.client()
	if err != nil {
		return err
	}
	sessions, next, err := collect(limit, func(cursor string, size int) ([]wire.Session, string, error) {
		query.Cursor, query.Limit = cursor, size
		page, err := c.Sessions(ctx, query)
		return page.Items, page.Next, err
	})
	if err != nil {
		return err
	}
	return showList(a, sessions, next, func(s wire.Session) string { return number64(s.ID) }, func() {
		k := a.clock(ctx, c)
		rows := make([]row, len(sessions))
		for i, s := range sessions {
			rows[i] = row{s.ID, s.User, k.at(s.CreatedAt), k.at(s.SeenAt), k.at(s.ExpiresAt), s.Source, s.Agent}
		}
		a.table([]string{"ID", "USER", k.header("SINCE"), "SEEN", "UNTIL", "FROM", "BROWSER"}, rows)
	})
}
