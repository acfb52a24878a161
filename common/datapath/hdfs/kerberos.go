package hdfs

import (
	"fmt"
	"strings"
	"sync"

	"github.com/jcmturner/gokrb5/v8/client"
	"github.com/jcmturner/gokrb5/v8/config"
	"github.com/jcmturner/gokrb5/v8/keytab"
)

// login is the Kerberos identity of a configuration; nil: there is none. It logs
// in when it is first needed, and its tickets are renewed from then on.
type login struct {
	Kerberos

	lock sync.Mutex
	in   *client.Client
}

// client returns the Kerberos client, logged in.
func (l *login) client() (*client.Client, error) {
	l.lock.Lock()
	defer l.lock.Unlock()
	if l.in != nil {
		return l.in, nil
	}
	realms, err := config.Load(l.Config)
	if err != nil {
		return nil, fmt.Errorf("Kerberos: hdfs.kerberos.config: %w", err)
	}
	keys, err := keytab.Load(l.Keytab)
	if err != nil {
		return nil, fmt.Errorf("Kerberos: hdfs.kerberos.keytab: %w", err)
	}
	user, realm, _ := strings.Cut(l.Principal, "@")
	// Pre-authentication with FAST is what Active Directory does not know.
	in := client.NewWithKeytab(user, realm, keys, realms, client.DisablePAFXFAST(true))
	if err := in.Login(); err != nil {
		in.Destroy()
		return nil, fmt.Errorf("Kerberos: log in as %s: %w", l.Principal, err)
	}
	l.in = in
	return in, nil
}

// forget ends the renewals.
func (l *login) forget() {
	if l == nil {
		return
	}
	l.lock.Lock()
	defer l.lock.Unlock()
	if l.in != nil {
		l.in.Destroy()
		l.in = nil
	}
}
