package run

import (
	"context"
	"fmt"
	"os"
	"os/user"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// lowestUID is the lowest user id scripts may run as: below are system users.
const lowestUID = 1000

// account is another user an attempt runs as.
type account struct {
	name, home string
	uid, gid   uint32
}

// credential is what the kernel is asked for; supplementary groups are cleared.
func (a *account) credential() *syscall.Credential {
	if a == nil {
		return nil
	}
	return &syscall.Credential{Uid: a.uid, Gid: a.gid, Groups: []uint32{}}
}

// accounts decides whom a worker runs a task as. Nothing a task says makes a
// script run as root.
type accounts struct {
	host     string   // name of the worker, for sentences
	self     string   // whom the worker runs as
	root     bool     // the worker is root
	allowed  []string // the worker's own list
	standard string   // for tasks without an account, when the worker is root
	ownUser  bool     // run those as root nevertheless
	lookup   func(ctx context.Context, name string) (*user.User, error)
}

func (l *Local) accounts(host string) (accounts, error) {
	self, err := user.Current()
	if err != nil {
		return accounts{}, fmt.Errorf("find own user: %w", err)
	}
	return accounts{
		host: host, self: self.Username, root: os.Geteuid() == 0,
		allowed: l.Accounts, standard: l.Account, ownUser: l.OwnUser, lookup: lookup,
	}, nil
}

// resolve returns the account to run as, nil for the worker's own user. It
// refuses what the worker must not or cannot do.
func (a accounts) resolve(ctx context.Context, name string) (*account, error) {
	if name == "" && (!a.root || a.standard == "" && a.ownUser) {
		return nil, nil
	}
	if name == "" && a.standard == "" {
		return nil, fmt.Errorf("the worker %s is root and runs nothing as root: give the task an account, or the worker a default one (account:)", a.host)
	}
	if name == "" {
		name = a.standard
	}
	if err := a.checkName(name); err != nil {
		return nil, err
	}
	if name == a.self && !a.root {
		return nil, nil
	}
	if !slices.Contains(a.allowed, name) {
		return nil, fmt.Errorf("the worker %s does not run scripts as %q; its accounts are: %s", a.host, name, listed(a.allowed))
	}
	if !a.root {
		return nil, fmt.Errorf("the worker %s runs as %q and cannot run scripts as %q: only root can change users", a.host, a.self, name)
	}
	return a.find(ctx, name)
}

// checkName refuses root by name, and numbers: whom a number means shows only
// on the host.
func (a accounts) checkName(name string) error {
	switch {
	case name == "root" || a.root && name == a.self:
		return fmt.Errorf("the worker %s runs nothing as %q: give the task an account with a user id from %d", a.host, name, lowestUID)
	case !regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]*$`).MatchString(name):
		return fmt.Errorf("%q is not the name of an account for the worker %s: give the task an account by its name, not by a number", name, a.host)
	default:
		return nil
	}
}

func (a accounts) find(ctx context.Context, name string) (*account, error) {
	found, err := a.lookup(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("the account %q does not exist on the host of the worker %s: make it there, or give the task another one: %w", name, a.host, err)
	}
	uid, errUID := strconv.ParseUint(found.Uid, 10, 32)
	gid, errGID := strconv.ParseUint(found.Gid, 10, 32)
	switch {
	case errUID != nil || errGID != nil:
		return nil, fmt.Errorf("the account %q on the worker %s has user id %q and group id %q, which are no numbers", name, a.host, found.Uid, found.Gid)
	case uid == 0:
		return nil, fmt.Errorf("the account %q is root on the worker %s, which runs nothing as root: give the task an account with a user id from %d", name, a.host, lowestUID)
	case uid < lowestUID:
		return nil, fmt.Errorf("the account %q has user id %d on the worker %s; scripts run only as users from %d", name, uid, a.host, lowestUID)
	}
	return &account{name: name, home: found.HomeDir, uid: uint32(uid), gid: uint32(gid)}, nil
}

func listed(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}
