package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"capricornus/common/fault"
	"capricornus/common/wire"
)

func logoutCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "logout", Short: "Revoke the token of a context and forget it", Args: arguments(0, 0),
		Long: `Revokes the token of the current context, or of --context, at the cluster, and takes it out
of the file of contexts. A token whose end has passed is only forgotten. The context stays:
capri login logs in there again.`,
		Example: "  capri logout --context prod",
		RunE:    a.do(func(ctx context.Context, _ []string) error { return a.logout(ctx) }),
	}
}

func (a *app) logout(ctx context.Context) error {
	all, err := a.contexts()
	if err != nil {
		return err
	}
	name := firstOf(a.flags.context, a.env("CAPRI_CONTEXT"), all.Current)
	if name == "" {
		return fault.New(fault.NotFound, "nobody is logged in: no context is current").WithHint("capri context list shows those there are")
	}
	place, err := all.named(name)
	if err != nil {
		return err
	}
	if place.Token == "" {
		return a.nothingToRevoke(place)
	}
	t, err := a.contextTarget(name, "")
	if err == nil {
		t.token, t.tokenFrom = "", t.from
		err = a.trust(place.CA)
	}
	if err != nil {
		return err
	}
	a.used = t
	c := &wire.Client{Base: t.addresses[0], Others: t.addresses[1:], Token: place.Token, HTTP: a.http}
	err = c.Logout(ctx)
	ended := fault.CodeOf(err) == fault.Unauthed // revoked already, or its end has passed
	if err != nil && !ended {
		return err
	}
	return a.forgetLogin(place, map[bool]string{true: "its token was good no longer", false: "its token is revoked"}[ended])
}

func (a *app) nothingToRevoke(place savedPlace) error {
	if place.TokenFile != "" {
		return fault.New(fault.Conflict, "the token of context %s is in %s, which other programs may use", place.Name, place.TokenFile).
			WithHint("capri token list shows it; capri token revoke ends it")
	}
	a.say("nobody is logged in at %s", place.Name)
	return nil
}

// forgetLogin takes the login out of a context, unless another has taken its
// place meanwhile.
func (a *app) forgetLogin(place savedPlace, words string) error {
	err := a.changeContexts(func(all *contexts) error {
		if now, found := all.find(place.Name); found >= 0 && now.Token == place.Token {
			now.forget()
			all.put(now)
		}
		return nil
	})
	if err != nil {
		return err
	}
	a.say("logged out of %s: %s", place.Name, words)
	return nil
}

func whoamiCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "whoami", Short: "Show who you are to the cluster and what you may do", Args: arguments(0, 0),
		RunE: a.call(func(ctx context.Context, c *wire.Client, _ []string) error {
			me, err := c.Me(ctx)
			if err != nil {
				return err
			}
			return a.show(me, []string{me.User.Name}, func() { a.meDetail(a.clock(ctx, c), me) })
		}),
	}
}

func (a *app) meDetail(k clock, me wire.Me) {
	may := make([]string, 0, len(me.Actions))
	own := make([]string, 0, len(me.Actions))
	for _, does := range me.Actions {
		if does.Everywhere {
			may = append(may, does.Action)
		} else {
			own = append(own, does.Action)
		}
	}
	role := me.Role
	if me.Role != me.User.Role {
		role += " (the user is " + me.User.Role + ", the token is for less)"
	}
	a.fields("User", me.User.Name, "Title", me.User.Title, "Department", me.User.Department, "Role", role,
		"Scopes", strings.Join(me.Scopes, ", "), "Projects", strings.Join(me.Projects, ", "),
		"Logged in by", strings.TrimSpace(me.By+" "+me.Token), "Until", k.full(me.Expires),
		"May", strings.Join(may, ", "), "May in own", strings.Join(own, ", "),
		"Cluster", strings.Join(a.used.addresses, ", "), "Address from", a.used.from, "Token from", a.used.tokenFrom)
	if me.User.MustChange {
		a.say("the password must be changed before anything else: capri user passwd")
	}
}
