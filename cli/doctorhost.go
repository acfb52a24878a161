package cli

import (
	"fmt"
	"os"
	"os/user"
	"strconv"
	"strings"

	"capricornus/common/config"
	"capricornus/common/wire"
)

// lowestUID is the least user id that scripts run as; worker/run refuses lower ones.
const lowestUID = 1000

// judgeLimits compares a worker's limits with what its machine has: beyond them
// it starts nothing.
func judgeLimits(limits config.Limits, have wire.Vitals) []finding {
	return []finding{
		judgeFloor("limits.free_memory", int64(limits.FreeMemory), have.FreeMemory, have.Memory, "memory"),
		judgeFloor("limits.free_disk", int64(limits.FreeDisk), have.FreeDisk, 0, "disk"),
		judgeLoad(limits.Load, have.Load),
	}
}

// judgeFloor is of a figure that must not be less; all is how much the machine
// has at most, 0: not known.
func judgeFloor(check string, limit, free, all int64, what string) finding {
	switch {
	case limit == 0:
		return fine(check, "%s of %s are free, no limit", bytesText(free), what)
	case all > 0 && limit >= all:
		return failed(check, "%s must be free, and this machine has %s: nothing would ever start", bytesText(limit), bytesText(all)).todo("lower %s", check)
	case free < limit:
		return worry(check, "%s of %s are free and %s must be: nothing starts now", bytesText(free), what, bytesText(limit))
	}
	return fine(check, "%s of %s are free, %s must be", bytesText(free), what, bytesText(limit))
}

func judgeLoad(limit, load float64) finding {
	switch {
	case limit == 0:
		return fine("limits.load", "%.2f per core, no limit", load)
	case load > limit:
		return worry("limits.load", "%.2f per core and at most %g: nothing starts now", load, limit)
	}
	return fine("limits.load", "%.2f per core, at most %g", load, limit)
}

// judgeCgroups says what the kernel has for keeping attempts apart. Whether a
// worker may use it depends on the unit it runs in: it says so when it starts.
func judgeCgroups(wanted, root bool, controllers string) finding {
	const check = "cgroups"
	have := map[string]bool{}
	for name := range strings.FieldsSeq(controllers) {
		have[name] = true
	}
	switch {
	case !wanted:
		return fine(check, "switched off: limits are watched by measuring")
	case len(have) == 0:
		return worry(check, "there are no control groups of version 2 here: limits are watched by measuring").todo("boot with systemd.unified_cgroup_hierarchy=1")
	case !have["memory"] || !have["pids"]:
		return worry(check, "the kernel keeps no limits of memory and processes, only: %s", strings.TrimSpace(controllers))
	case !root:
		return fine(check, "version 2, for a worker in a unit with Delegate=yes")
	}
	return fine(check, "version 2, with memory and pids")
}

// accountFound is what was found of an account.
type accountFound struct {
	name string
	uid  int
	err  error
}

// accounts looks them up, and says what follows from who the worker is.
func (w *workerDoctor) accounts() []finding {
	self, err := user.Current()
	if err != nil {
		return []finding{failed("user", "the system does not say who this is: %s", err)}
	}
	found := []finding{judgeUser(self.Username, os.Geteuid() == 0, w.cfg)}
	for _, name := range w.cfg.Accounts {
		found = append(found, judgeAccount(findAccount(name), self.Username, os.Geteuid() == 0))
	}
	return found
}

func findAccount(name string) accountFound {
	u, err := user.Lookup(name)
	if err != nil {
		return accountFound{name: name, err: err}
	}
	uid, err := strconv.Atoi(u.Uid)
	return accountFound{name: name, uid: uid, err: err}
}

func judgeUser(name string, root bool, cfg config.Worker) finding {
	switch {
	case root && len(cfg.Accounts) == 0:
		return failed("user", "root, which runs no script as itself, and accounts is empty: no script could start").todo("name accounts, and in account the one for tasks that name none")
	case root && cfg.Account == "":
		return worry("user", "root: tasks that name no account are refused").todo("write into account which one they get")
	case root:
		return fine("user", "root: scripts run as the accounts, as %s without one", cfg.Account)
	}
	return fine("user", "%s: every script runs as it, and can read this worker's token", name)
}

func judgeAccount(a accountFound, self string, root bool) finding {
	check := "account " + a.name
	switch {
	case a.err != nil:
		return failed(check, "does not exist on this machine").todo("useradd %s, or take it out of accounts", a.name)
	case !root && a.name == self:
		return fine(check, "is the worker itself")
	case !root:
		return failed(check, "only root can run scripts as another account, and this is %s", self).todo("run the worker as root, or take it out of accounts")
	case a.uid < lowestUID:
		return failed(check, "has user id %d, and scripts run as %d or more only", a.uid, lowestUID).todo("%s", fmt.Sprintf("make an ordinary account for it, or take %s out of accounts", a.name))
	}
	return fine(check, "user id %d", a.uid)
}
