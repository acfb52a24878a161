package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"capricornus/common/fault"
	"capricornus/common/permit"
	"capricornus/common/wire"
)

func tokenCommand(a *app) *cobra.Command {
	return group("token", "Look at tokens of programs and workers, make and revoke them",
		tokenListCommand(a), tokenAddCommand(a), tokenRevokeCommand(a))
}

func tokenListCommand(a *app) *cobra.Command {
	var query wire.TokenQuery
	var limit int
	cmd := &cobra.Command{
		Use: "list", Short: "List your tokens, another user's, or all", Args: arguments(0, 0),
		Long: "Lists tokens, newest first, without their secrets, which nobody can read again.",
		RunE: a.call(func(ctx context.Context, c *wire.Client, _ []string) error {
			if query.User != "" && query.All {
				return fault.New(fault.Usage, "--all is of all users, and --user names one")
			}
			tokens, next, err := collect(limit, func(cursor string, size int) ([]wire.Token, string, error) {
				query.Cursor, query.Limit = cursor, size
				page, err := c.Tokens(ctx, query)
				return page.Items, page.Next, err
			})
			if err != nil {
				return err
			}
			return showList(a, tokens, next, tokenName, func() { a.tokenTable(a.clock(ctx, c), tokens) })
		}),
	}
	cmd.Flags().StringVar(&query.User, "user", "", "those of this `USER`")
	cmd.Flags().BoolVar(&query.All, "all", false, "those of all users")
	cmd.Flags().BoolVar(&query.Revoked, "revoked", false, "those that are revoked or have ended, too")
	limitFlag(cmd, &limit, 0)
	return cmd
}

func tokenName(t wire.Token) string { return number64(t.ID) }

func (a *app) tokenTable(k clock, tokens []wire.Token) {
	rows := make([]row, len(tokens))
	for i, t := range tokens {
		rows[i] = row{t.ID, t.Name, t.User, tokenReach(t), k.at(t.CreatedAt), k.at(t.LastUsedAt), a.tokenState(k, t)}
	}
	a.table([]string{"ID", "TOKEN", "USER", "FOR", k.header("MADE"), "LAST USED", "GOOD"}, rows)
}

// tokenReach is what a token is for: a role, narrowed to scopes or to a host.
func tokenReach(t wire.Token) string {
	words := t.Role
	if len(t.Scopes) > 0 {
		words += ": " + strings.Join(t.Scopes, ",")
	}
	if t.Host != "" {
		words += " on " + t.Host
	}
	return words
}

func (a *app) tokenState(k clock, t wire.Token) cell {
	switch {
	case t.RevokedAt > 0:
		return cell{"revoked by " + dash(t.RevokedBy), grey}
	case t.ExpiresAt == 0:
		return cell{"for ever", plain}
	case t.ExpiresAt <= a.now().UnixMilli():
		return cell{"ended", grey}
	}
	return cell{"until " + k.full(t.ExpiresAt), plain}
}

// tokenMaking is a token that is to be made, and where its secret goes.
type tokenMaking struct {
	app     *app
	request wire.TokenRequest
	lasts   time.Duration
	file    string
}

func tokenAddCommand(a *app) *cobra.Command {
	m := &tokenMaking{app: a}
	cmd := &cobra.Command{
		Use: "add NAME", Short: "Make a token", Args: arguments(1, 1),
		Long: `Makes a token and prints its secret, this once: the cluster keeps only what it takes to
recognize it. With --file it is written there instead, readable by you alone. Without --user
it is your own. A token may never do more than its user, and less with --role or --scope:
` + strings.Join(scopeNames(), ", ") + `.`,
		Example: `  capri token add loader --scope facts --for 2160h --file loader.token
  capri token add w3 --role worker --host w3 --file worker.token`,
		RunE: a.do(func(ctx context.Context, args []string) error { return m.run(ctx, args[0]) }),
	}
	flags := cmd.Flags()
	flags.StringVar(&m.request.User, "user", "", "`USER` it is for")
	flags.StringVar(&m.request.Role, "role", "", "no more than `viewer|developer|operator|admin|superadmin`, or worker for a worker")
	flags.StringSliceVar(&m.request.Scopes, "scope", nil, "for some of `"+strings.Join(scopeNames(), "|")+"` only, A,B,...")
	flags.StringVar(&m.request.Host, "host", "", "with --role worker: only this `HOST` may use it")
	flags.DurationVar(&m.lasts, "for", 0, "how long it is good, `TIME` such as 720h; 0: until it is revoked")
	flags.StringVar(&m.file, "file", "", "write the secret to a new `FILE`")
	reasonFlag(cmd, &m.request.Reason)
	return cmd
}

func scopeNames() []string {
	return namesOf(permit.Scopes(), func(s permit.Scope) string { return string(s) })
}

func (m *tokenMaking) run(ctx context.Context, name string) (err error) {
	a := m.app
	if m.lasts < 0 || m.lasts%time.Second != 0 {
		return fault.New(fault.Usage, "--for %s is not a number of seconds to come", m.lasts)
	}
	if a.flags.output == formatName && m.file == "" {
		return fault.New(fault.Usage, "-o name would lose the secret").WithHint("give --file FILE")
	}
	c, err := a.client()
	if err != nil {
		return err
	}
	keep, err := newSecretFile(m.file) // first: a secret that cannot be kept is not made
	if err != nil {
		return err
	}
	m.request.Name, m.request.ExpiresInSeconds = name, int64(m.lasts/time.Second)
	reply, err := c.CreateToken(ctx, m.request)
	if err != nil {
		keep.discard()
		return err
	}
	if err := keep.write(reply.Secret); err != nil {
		return err
	}
	return m.tell(a.clock(ctx, c), reply)
}

// tell prints the secret, or what was made beside the file that holds it.
func (m *tokenMaking) tell(k clock, reply wire.TokenReply) error {
	a := m.app
	a.say("token %d, %s, is made for %s: %s, good %s", reply.ID, oneLine(reply.Name), reply.User, tokenReach(reply.Token), a.tokenState(k, reply.Token).text)
	if m.file != "" {
		a.say("  its secret is in %s; capri token revoke %d ends it", m.file, reply.ID)
		if a.flags.output == formatTable {
			return nil
		}
		return a.show(reply.Token, []string{tokenName(reply.Token)}, nil)
	}
	a.say("  this is its secret, shown this once; capri token revoke %d ends it", reply.ID)
	return a.show(reply, nil, func() { a.print("%s", reply.Secret) })
}

// secretFile is a new file for a secret; without a path it is none.
type secretFile struct {
	file *os.File
}

// newSecretFile makes the file, which must not be there: another secret may be
// in it that stands nowhere else.
func newSecretFile(path string) (secretFile, error) {
	if path == "" {
		return secretFile{}, nil
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return secretFile{}, fault.Wrap(fault.Conflict, err, "%s is there already, and may hold another secret", path).
			WithHint("name another file, or move that one away")
	}
	if err != nil {
		return secretFile{}, fault.Wrap(fault.Invalid, err, "%s cannot be written: %s", path, reasonOf(err))
	}
	return secretFile{file}, nil
}

func (s secretFile) discard() {
	if s.file != nil {
		_ = s.file.Close()
		_ = os.Remove(s.file.Name())
	}
}

// write keeps the secret. What cannot be kept is not told either: the token
// must be revoked, and the error says so.
func (s secretFile) write(secret string) error {
	if s.file == nil {
		return nil
	}
	_, err := fmt.Fprintln(s.file, secret)
	if err = errors.Join(err, s.file.Sync(), s.file.Close()); err != nil {
		return fault.Wrap(fault.Invalid, err, "the token is made, and %s cannot be written: %s", s.file.Name(), reasonOf(err)).
			WithHint("capri token list shows it; capri token revoke ends it")
	}
	return nil
}

func tokenRevokeCommand(a *app) *cobra.Command {
	r := removal{app: a}
	cmd := &cobra.Command{
		Use: "revoke ID --reason TEXT", Short: "End a token", Args: arguments(1, 1),
		Long:    "Ends a token, at all masters within 5 seconds. Whoever still uses it is refused.",
		Example: "  capri token revoke 17 --reason 'stood in a log'",
		RunE: a.do(func(ctx context.Context, args []string) error {
			id, err := parseID("a token", args[0])
			if err != nil {
				return err
			}
			return r.run(ctx, "Revoke token "+args[0]+"?", "token "+args[0]+" is revoked: whoever still uses it is refused", func(ctx context.Context, c *wire.Client) error {
				return c.RevokeToken(ctx, id, wire.ReasonRequest{Reason: r.reason})
			})
		}),
	}
	r.flags(cmd)
	return cmd
}
