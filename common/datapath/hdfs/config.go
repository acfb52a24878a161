// Package hdfs looks at paths on HDFS and reads files there. It is the file
// system behind hdfs:// paths of package datapath.
//
// A cluster is one file system: its namenodes, a pool of clients for them, what
// is known about how they are, and what was listed lately. Everything asked of
// its namenodes goes through cluster.call. A client is used by one call at a
// time; a call that did not get an answer ends its client. Everything is safe
// for concurrent use.
package hdfs

import (
	"context"
	"fmt"
	"net"
	"os/user"
	"time"

	"capricornus/common/datapath"
)

// Config says how HDFS is reached (docs/hdfs.md). It is kept as JSON for the keeper.
type Config struct {
	Namenodes   []string            `json:"namenodes"`             // of the file system that hdfs:///… means; empty: there is none
	Nameservice string              `json:"nameservice,omitempty"` // its name in paths
	Others      map[string][]string `json:"others,omitempty"`      // namenodes of other file systems, by their names in paths
	User        string              `json:"user,omitempty"`        // without Kerberos; empty: the user this runs as
	Timeout     time.Duration       `json:"timeout"`               // without an answer
	Clients     int                 `json:"clients"`               // connections to one file system at the same time
	Kerberos    Kerberos            `json:"kerberos,omitzero"`
	Protection  string              `json:"protection,omitempty"` // authentication | integrity | privacy
	Hostnames   bool                `json:"hostnames,omitempty"`  // reach datanodes by name
}

// Kerberos says who this is; without a principal there is no Kerberos.
type Kerberos struct {
	Principal string `json:"principal"` // user@REALM
	Keytab    string `json:"keytab"`
	Config    string `json:"config"`  // krb5.conf
	Service   string `json:"service"` // of the namenodes, without realm; _HOST stands for the host
}

// NewChecker returns a Checker of local paths and of the file systems of a
// configuration.
func NewChecker(cfg Config) (*datapath.Checker, error) {
	fs, err := New(cfg)
	if err != nil {
		return nil, err
	}
	return datapath.New(datapath.Options{HDFS: fs}), nil
}

// New returns the file systems of a configuration; nil when it names none. It
// connects to nothing.
func New(cfg Config) (datapath.FileSystem, error) {
	if len(cfg.Namenodes)+len(cfg.Others) == 0 {
		return nil, nil //nolint:nilnil // no HDFS is an ordinary thing
	}
	if cfg.Timeout <= 0 {
		cfg.Timeout = 10 * time.Second
	}
	if cfg.Clients <= 0 {
		cfg.Clients = 16
	}
	access := &access{Config: cfg, dial: (&net.Dialer{}).DialContext}
	if cfg.Kerberos.Principal != "" {
		access.login = newLogin(cfg.Kerberos)
		access.User = cfg.Kerberos.Principal
	}
	if access.User == "" {
		current, err := user.Current()
		if err != nil {
			return nil, fmt.Errorf("hdfs: who this runs as is unknown, write hdfs.user: %w", err)
		}
		access.User = current.Username
	}
	return newFiles(access), nil
}

// access is what all file systems of a configuration have in common.
type access struct {
	Config
	login *login // nil: no Kerberos
	dial  func(ctx context.Context, network, address string) (net.Conn, error)
}
