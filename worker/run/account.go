package run

import (
	"fmt"
	"os"
	"os/user"
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

// resolve returns the account to run as, nil for the worker's own user. It
// refuses what the worker must not or cannot do.
func resolve(name string, allowed []string) (*account, error) {
	if name == "" {
		return nil, nil
	}
	self, err := user.Current()
	if err != nil {
		return nil, fmt.Errorf("find own user: %w", err)
	}
	if name == self.Username {
		return nil, nil
	}
	if !slices.Contains(allowed, name) {
		return nil, fmt.Errorf("this worker does not run scripts as %q; its accounts are: %s", name, listed(allowed))
	}
	if os.Geteuid() != 0 {
		return nil, fmt.Errorf("this worker runs as %q and cannot run scripts as %q; only root can change users", self.Username, name)
	}
	found, err := user.Lookup(name)
	if err != nil {
		return nil, fmt.Errorf("the account %q does not exist on this host: %w", name, err)
	}
	uid, errUID := strconv.ParseUint(found.Uid, 10, 32)
	gid, errGID := strconv.ParseUint(found.Gid, 10, 32)
	if errUID != nil || errGID != nil || uid < lowestUID {
		return nil, fmt.Errorf("the account %q has user id %s; scripts run only as users from %d", name, found.Uid, lowestUID)
	}
	return &account{name: name, home: found.HomeDir, uid: uint32(uid), gid: uint32(gid)}, nil
}

func listed(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}
