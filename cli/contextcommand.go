package cli

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"capricornus/common/fault"
)

func contextCommand(a *app) *cobra.Command {
	cmd := group("context", "Choose between saved clusters and logins",
		contextListCommand(a), contextShowCommand(a), contextUseCommand(a), contextSetCommand(a), contextDeleteCommand(a))
	cmd.Long = `A context is a cluster's addresses, the certificates it must have, and your login there. They
are kept in ~/.config/capri/config.yaml (XDG_CONFIG_HOME), which only you can read. The current
one is used by every command that is not told otherwise; --context and CAPRI_CONTEXT choose
another. The token of a context goes to its own addresses and nowhere else.`
	return cmd
}

// shownContext is a context without its token.
type shownContext struct {
	Name       string   `json:"name"`
	Current    bool     `json:"current"`
	Addr       []string `json:"addr"`
	CA         string   `json:"ca,omitempty"`
	Login      string   `json:"login"` // none | token | token-file | ended
	TokenFile  string   `json:"tokenFile,omitempty"`
	User       string   `json:"user,omitempty"`
	ExpiresAt  int64    `json:"expiresAt,omitempty"`
	Production bool     `json:"production"`
}

func (a *app) shown(c contexts, p savedPlace) shownContext {
	s := shownContext{Name: p.Name, Current: p.Name == c.Current, Addr: p.Addr, CA: p.CA, Login: "none", TokenFile: p.TokenFile, User: p.User, Production: p.Production}
	switch {
	case p.Token != "":
		s.Login = "token"
	case p.TokenFile != "":
		s.Login = "token-file"
	}
	if s.Login != "none" && !p.Expires.IsZero() {
		s.ExpiresAt = p.Expires.UnixMilli()
		if !p.Expires.After(a.now()) {
			s.Login = "ended"
		}
	}
	return s
}

func contextListCommand(a *app) *cobra.Command {
	return withoutMaster(&cobra.Command{
		Use: "list", Short: "List the contexts", Args: arguments(0, 0),
		RunE: a.do(func(context.Context, []string) error {
			all, err := a.contexts()
			if err != nil {
				return err
			}
			list := make([]shownContext, len(all.Contexts))
			for i, place := range all.Contexts {
				list[i] = a.shown(all, place)
			}
			if len(list) == 0 && a.flags.output == formatTable {
				a.say("there are no contexts; capri login ADDR makes one")
				return nil
			}
			return a.show(list, all.names(), func() { a.contextTable(list) })
		}),
	})
}

func (a *app) contextTable(list []shownContext) {
	k := newClock(time.UTC, a.now())
	rows := make([]row, len(list))
	for i, c := range list {
		mark, kind := "", cell{"-", grey}
		if c.Current {
			mark = "*"
		}
		if c.Production {
			kind = cell{"production", red}
		}
		rows[i] = row{mark, c.Name, strings.Join(c.Addr, ","), dash(c.User), c.Login, k.at(c.ExpiresAt), kind}
	}
	a.table([]string{"", "CONTEXT", "ADDRESSES", "USER", "LOGIN", k.header("UNTIL"), "KIND"}, rows)
}

func contextShowCommand(a *app) *cobra.Command {
	return withoutMaster(&cobra.Command{
		Use: "show [NAME]", Short: "Show a context, or the current one, without its token", Args: arguments(0, 1),
		Example: "  capri context show prod",
		RunE: a.do(func(_ context.Context, args []string) error {
			all, err := a.contexts()
			if err != nil {
				return err
			}
			name := firstOf(append(args, a.flags.context, a.env("CAPRI_CONTEXT"), all.Current)...)
			if name == "" {
				return fault.New(fault.NotFound, "no context is current").WithHint("capri context list shows those there are; capri login ADDR makes one")
			}
			place, err := all.named(name)
			if err != nil {
				return err
			}
			c := a.shown(all, place)
			return a.show(c, []string{c.Name}, func() { a.contextDetail(c) })
		}),
	})
}

func (a *app) contextDetail(c shownContext) {
	yesNo := map[bool]string{true: "yes", false: "no"}
	a.fields("Context", c.Name, "Current", yesNo[c.Current], "Addresses", strings.Join(c.Addr, ", "), "CA", c.CA, "User", c.User,
		"Login", c.Login, "Token file", c.TokenFile, "Until", newClock(time.UTC, a.now()).full(c.ExpiresAt), "Production", yesNo[c.Production],
		"File", a.contextsFile())
}

func contextUseCommand(a *app) *cobra.Command {
	return withoutMaster(&cobra.Command{
		Use: "use NAME", Short: "Make a context the current one", Args: arguments(1, 1),
		Example: "  capri context use test",
		RunE: a.do(func(_ context.Context, args []string) error {
			var place savedPlace
			err := a.changeContexts(func(all *contexts) (err error) {
				if place, err = all.named(args[0]); err == nil {
					all.Current = place.Name
				}
				return err
			})
			if err != nil {
				return err
			}
			a.say("%s is the current context: commands go to %s", place.Name, strings.Join(place.Addr, ", "))
			a.overruled()
			return nil
		}),
	})
}

// overruled says which variable keeps the current context from being used.
func (a *app) overruled() {
	for _, name := range []string{"CAPRI_ADDR", "CAPRI_CONTEXT", "CAPRI_DATA_DIR"} {
		if a.env(name) != "" {
			a.say("  but %s is set, which counts more: unset it", name)
			return
		}
	}
}

func contextSetCommand(a *app) *cobra.Command {
	var production bool
	cmd := withoutMaster(&cobra.Command{
		Use: "set NAME", Short: "Make a context, or change it", Args: arguments(1, 1),
		Long: `Makes a context, or changes what is given of one: --addr, --ca, --token-file, --production.
The login of a context is forgotten when its addresses change: a token goes to nobody else.`,
		Example: `  capri context set prod --addr https://m1:8080,https://m2:8080 --ca /etc/capri/ca.crt --production
  capri context set prod --token-file ~/.capri-prod.token`,
	})
	cmd.Flags().BoolVar(&production, "production", false, "whoever destroys something there must write the context's name")
	cmd.Annotations = nil // --addr, --ca and --token-file are what it sets
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		a.running = true
		change := contextChange{app: a, name: args[0]}
		if cmd.Flags().Changed("production") {
			change.production = &production
		}
		return change.apply()
	}
	return cmd
}

// contextChange is what capri context set changes.
type contextChange struct {
	app        *app
	name       string
	production *bool
}

func (c contextChange) apply() error {
	a := c.app
	if err := checkContextName(c.name); err != nil {
		return err
	}
	made := false
	err := a.changeContexts(func(all *contexts) error {
		place, found := all.find(c.name)
		made = found < 0
		place.Name = c.name
		if err := c.fill(&place); err != nil {
			return err
		}
		all.put(place)
		return nil
	})
	if err != nil {
		return err
	}
	if made {
		a.say("context %s is made; capri login --context %s logs in there, capri context use %s makes it current", c.name, c.name, c.name)
		return nil
	}
	a.say("context %s is changed; capri context show %s shows it", c.name, c.name)
	return nil
}

// fill sets what was given.
func (c contextChange) fill(place *savedPlace) error {
	flags := c.app.flags
	if flags.addr != "" {
		t, err := listed(flags.addr, "")
		if err != nil {
			return err
		}
		if strings.Join(t.addresses, ",") != strings.Join(place.Addr, ",") {
			place.forget()
		}
		place.Addr = t.addresses
	}
	if len(place.Addr) == 0 {
		return fault.New(fault.Usage, "a new context wants --addr").WithHint("capri context set %s --addr https://m1:8080", c.name)
	}
	var err error
	if flags.ca != "" {
		if place.CA, err = absolute(flags.ca); err != nil {
			return err
		}
	}
	if flags.tokenFile != "" {
		place.forget()
		if place.TokenFile, err = absolute(flags.tokenFile); err != nil {
			return err
		}
	}
	if c.production != nil {
		place.Production = *c.production
	}
	return nil
}

// forget takes the login out of a context.
func (p *savedPlace) forget() {
	p.Token, p.TokenFile, p.User, p.Expires = "", "", "", time.Time{}
}

func contextDeleteCommand(a *app) *cobra.Command {
	return withoutMaster(&cobra.Command{
		Use: "delete NAME", Short: "Forget a context and its token", Args: arguments(1, 1),
		Long:    "Forgets a context. Its token stays good until its end: capri logout --context NAME revokes it first.",
		Example: "  capri context delete test",
		RunE: a.do(func(_ context.Context, args []string) error {
			var place savedPlace
			err := a.changeContexts(func(all *contexts) (err error) {
				if place, err = all.named(args[0]); err == nil {
					all.remove(place.Name)
				}
				return err
			})
			if err != nil {
				return err
			}
			a.say("context %s is forgotten", place.Name)
			if place.Token != "" && (place.Expires.IsZero() || place.Expires.After(a.now())) {
				a.say("  its token was not revoked: it is good until its end")
			}
			return nil
		}),
	})
}
