package cli

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"capricornus/common/config"
	"capricornus/common/fault"
	"capricornus/common/wire"
)

// login is a person who wants a token, kept in a context.
type login struct {
	app          *app
	user         string
	passwordFile string
	lasts        time.Duration
	place        savedPlace
	stays        bool // the current context stays what it is
}

func loginCommand(a *app) *cobra.Command {
	l := &login{app: a}
	cmd := &cobra.Command{
		Use: "login [ADDR]", Short: "Log in to a cluster and keep that as a context", Args: arguments(0, 1),
		Long: `Asks for a password without showing it, gets a token for it that ends by itself, and keeps
address and token as a context, which becomes the current one. Without ADDR it is the address
of --context, of CAPRI_ADDR or of the current context. A password can come from --password-file,
or from stdin when that is no terminal. --token-file keeps a token that you have already.

A password never stands on the command line, where everybody on the machine could read it.`,
		Example: `  capri login https://m1:8080
  capri login https://m1:8080,https://m2:8080 --context prod --ca /etc/capri/ca.crt
  capri login http://m1:8080 --user robot --password-file /run/secrets/robot`,
		RunE: a.do(func(ctx context.Context, args []string) error { return l.run(ctx, args) }),
	}
	cmd.Flags().StringVar(&l.user, "user", "", "`NAME` to log in as (else it is asked for, or $USER)")
	cmd.Flags().StringVar(&l.passwordFile, "password-file", "", "`FILE` that holds the password")
	cmd.Flags().DurationVar(&l.lasts, "for", 0, "how long the token is good, `TIME` such as 2h; 0: 12 hours")
	return cmd
}

func (l *login) run(ctx context.Context, args []string) error {
	a := l.app
	if a.flags.tokenFile != "" && l.passwordFile != "" {
		return fault.New(fault.Usage, "--token-file and --password-file exclude each other")
	}
	if l.lasts < 0 || l.lasts%time.Second != 0 {
		return fault.New(fault.Usage, "--for %s is not a number of seconds to come", l.lasts)
	}
	t, err := l.where(args)
	if err != nil {
		return err
	}
	if err := a.trust(l.place.CA); err != nil {
		return err
	}
	c := &wire.Client{Base: t.addresses[0], Others: t.addresses[1:], HTTP: a.http}
	l.place.Addr = t.addresses
	user, err := l.prove(ctx, c)
	if err != nil {
		return err
	}
	if err := l.keep(); err != nil {
		return err
	}
	return l.tell(user)
}

// where finds the cluster and the context that the login is kept in.
func (l *login) where(args []string) (target, error) {
	a := l.app
	if len(args) == 1 {
		if a.flags.addr != "" {
			return target{}, fault.New(fault.Usage, "the address stands there twice: as an argument and as --addr")
		}
		a.flags.addr = args[0]
	}
	all, err := a.contexts()
	if err != nil {
		return target{}, err
	}
	l.stays = a.flags.context != "" && all.Current != "" && all.Current != a.flags.context
	t, err := a.loginTarget(all)
	if err != nil {
		return target{}, err
	}
	name := firstOf(a.flags.context, t.place.Name)
	if name == "" {
		name, err = newContextName(all, t.addresses)
	}
	if err == nil {
		err = checkContextName(name)
	}
	if err != nil {
		return target{}, err
	}
	l.place, _ = all.find(name)
	l.place.Name = name
	return t, nil
}

// loginTarget is the address that is named, else that of a context.
func (a *app) loginTarget(all contexts) (target, error) {
	if a.flags.addr != "" {
		return listed(a.flags.addr, "the command line")
	}
	if a.flags.context != "" {
		if _, found := all.find(a.flags.context); found < 0 {
			return target{}, fault.New(fault.Usage, "a new context wants an address").WithHint("capri login https://m1:8080 --context %s", a.flags.context)
		}
	}
	t, err := a.destination()
	if fault.CodeOf(err) == fault.Unavailable && a.flags.dataDir == "" {
		return target{}, fault.New(fault.Usage, "log in where?").WithHint("capri login https://m1:8080")
	}
	return t, err
}

// newContextName is the name of the context that has these addresses, or that
// of the host, with the port when another cluster has the name.
func newContextName(all contexts, addresses []string) (string, error) {
	for _, place := range all.Contexts {
		if slices.Equal(place.Addr, addresses) {
			return place.Name, nil
		}
	}
	u, err := url.Parse(addresses[0])
	if err != nil {
		return "", err
	}
	name := strings.NewReplacer(":", "-", "[", "", "]", "").Replace(u.Hostname())
	if _, taken := all.find(name); taken < 0 {
		return name, nil
	}
	return name + "-" + firstOf(u.Port(), u.Scheme), nil
}

// prove gets a token, or sees that the one that is there is good.
func (l *login) prove(ctx context.Context, c *wire.Client) (wire.User, error) {
	a := l.app
	if a.flags.tokenFile != "" {
		token, err := config.ReadSecret(a.flags.tokenFile)
		if err != nil {
			return wire.User{}, err
		}
		c.Token = token.Reveal()
		return l.proveToken(ctx, c)
	}
	name, err := l.name()
	if err != nil {
		return wire.User{}, err
	}
	password, err := a.password(l.passwordFile, "Password of "+name+" at "+c.Base+": ")
	if err != nil {
		return wire.User{}, err
	}
	host, _ := os.Hostname()
	reply, err := c.Login(ctx, wire.LoginRequest{
		Name: name, Password: password.Reveal(), Client: strings.TrimSuffix("capri at "+host, " at "), ExpiresInSeconds: int64(l.lasts / time.Second),
	})
	if err != nil {
		return wire.User{}, err
	}
	l.place.forget()
	l.place.Token, l.place.User, l.place.Expires = reply.Token, reply.User.Name, time.UnixMilli(reply.ExpiresAt).UTC()
	return reply.User, nil
}

func (l *login) proveToken(ctx context.Context, c *wire.Client) (wire.User, error) {
	me, err := c.Me(ctx)
	if err != nil {
		return wire.User{}, err
	}
	l.place.forget()
	l.place.Token, l.place.User = c.Token, me.User.Name
	if me.Expires > 0 {
		l.place.Expires = time.UnixMilli(me.Expires).UTC()
	}
	return me.User, nil
}

// name is whose password it is.
func (l *login) name() (string, error) {
	if l.user != "" {
		return l.user, nil
	}
	proposal := firstOf(l.place.User, l.app.env("USER"))
	if !l.app.isTerminal(l.app.in) {
		return "", fault.New(fault.Usage, "whose password is it?").WithHint("give --user NAME")
	}
	if proposal == "" {
		fmt.Fprint(l.app.err, "User: ")
	} else {
		fmt.Fprintf(l.app.err, "User [%s]: ", proposal)
	}
	line, err := l.app.lines().ReadString('\n')
	if name := firstOf(strings.TrimSpace(line), proposal); err == nil && name != "" {
		return name, nil
	}
	return "", &outcome{code: exitFailed, text: "nobody is logged in"}
}

// keep writes the context.
func (l *login) keep() error {
	if file := l.app.flags.ca; file != "" {
		whole, err := absolute(file)
		if err != nil {
			return err
		}
		l.place.CA = whole
	}
	return l.app.changeContexts(func(all *contexts) error {
		if before, found := all.find(l.place.Name); found >= 0 {
			l.place.Production = before.Production
		}
		all.put(l.place)
		if !l.stays {
			all.Current = l.place.Name
		}
		return nil
	})
}

func (l *login) tell(user wire.User) error {
	a := l.app
	until := ""
	if !l.place.Expires.IsZero() {
		until = " until " + l.place.Expires.Local().Format("2006-01-02 15:04 -07:00")
	}
	a.say("logged in at %s as %s, %s%s", l.place.Addr[0], user.Name, user.Role, until)
	if l.stays {
		a.say("  kept as context %s; capri context use %s makes it the current one", l.place.Name, l.place.Name)
	} else {
		a.say("  kept as context %s, which is the current one", l.place.Name)
		a.overruled()
	}
	if user.MustChange {
		a.say("  the password must be changed before anything else: capri user passwd")
	}
	if strings.HasPrefix(l.place.Addr[0], "http://") && !ofThisMachine(l.place.Addr[0]) {
		a.say("  the way there is not encrypted: everybody on it can read the token")
	}
	return nil
}
