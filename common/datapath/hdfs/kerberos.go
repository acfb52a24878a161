package hdfs

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jcmturner/gokrb5/v8/client"
	"github.com/jcmturner/gokrb5/v8/config"
	"github.com/jcmturner/gokrb5/v8/keytab"
)

// login is the Kerberos identity of a configuration; nil: there is none. It logs
// in when it is first needed, and its tickets are renewed from then on.
type login struct {
	try  func() (*client.Client, error) // takes long when the Kerberos servers do not answer
	turn chan struct{}                  // held by who reads or changes what follows
	in   *client.Client
	err  error // of the last try, which those who waited for it have in common
	at   time.Time
}

func newLogin(k Kerberos) *login { return &login{try: k.logIn, turn: make(chan struct{}, 1)} }

// client returns the Kerberos client, logged in.
func (l *login) client(ctx context.Context) (*client.Client, error) {
	select {
	case l.turn <- struct{}{}:
		defer func() { <-l.turn }()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	if l.in != nil {
		return l.in, nil
	}
	if l.err == nil || time.Since(l.at) >= time.Second/2 {
		l.in, l.err = l.try()
		l.at = time.Now()
	}
	return l.in, l.err
}

func (k Kerberos) logIn() (*client.Client, error) {
	realms, err := config.Load(k.Config)
	if err != nil {
		return nil, fmt.Errorf("Kerberos: hdfs.kerberos.config: %w", err)
	}
	keys, err := keytab.Load(k.Keytab)
	if err != nil {
		return nil, fmt.Errorf("Kerberos: hdfs.kerberos.keytab: %w", err)
	}
	user, realm, _ := strings.Cut(k.Principal, "@")
	// Pre-authentication with FAST is what Active Directory does not know.
	in := client.NewWithKeytab(user, realm, keys, realms, client.DisablePAFXFAST(true))
	if err := in.Login(); err != nil {
		in.Destroy()
		return nil, fmt.Errorf("Kerberos: log in as %s: %w", k.Principal, err)
	}
	return in, nil
}

// forget ends the renewals.
func (l *login) forget() {
	if l == nil {
		return
	}
	l.turn <- struct{}{}
	defer func() { <-l.turn }()
	if l.in != nil {
		l.in.Destroy()
		l.in = nil
	}
}
