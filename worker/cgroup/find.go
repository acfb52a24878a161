// Package cgroup keeps the processes of an attempt in control groups of their
// own, as far as a host allows it. Everything is plain file operations on
// cgroupfs, decided feature by feature: version 2 with memory and pids, version 2
// with no more than cgroup.kill (hybrid hosts), the version 1 hierarchies of
// memory and pids, or nothing.
//
// Groups lie in the directory capri-attempts below this process's own group. No
// group is made elsewhere and none is changed that this package did not make.
package cgroup

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

const (
	below = "capri-attempts" // directory of the groups of attempts
	leaf  = "capri-worker"   // group of the worker itself, beside it
)

// Host is what there is for the groups of one process.
type Host struct {
	prefix string // of the names of groups
	mkdir  func(dir string) error
	unified
	memory string // version 1: directory for groups; empty: none
	pids   string
}

// unified is version 2.
type unified struct {
	dir                    string // for groups; empty: none
	kill, limitMem, limitP bool
}

// Find looks for what this process may use, and tries it. Names of groups begin
// with prefix, so that two workers of one host do not meet. proc is /proc.
func Find(proc, prefix string) *Host {
	mkdir := func(dir string) error { return os.Mkdir(dir, 0o755) } //nolint:gosec // cgroupfs
	return find(proc, prefix, mkdir)
}

// find makes directories with mkdir: the kernel puts the files into them.
func find(proc, prefix string, mkdir func(string) error) *Host {
	h := &Host{prefix: prefix, mkdir: mkdir}
	mounts, err := os.ReadFile(filepath.Join(proc, "self/mountinfo"))
	if err != nil {
		return h
	}
	own, err := os.ReadFile(filepath.Join(proc, "self/cgroup"))
	if err != nil {
		return h
	}
	paths := ownPaths(string(own))
	for _, m := range parseMounts(string(mounts)) {
		h.use(m, paths)
	}
	return h
}

func (h *Host) use(m mount, paths map[string]string) {
	if m.version == 2 {
		if path, in := paths[""]; in && h.dir == "" {
			h.unified = h.findUnified(m.path(path), path)
		}
		return
	}
	for _, controller := range m.controllers {
		path, in := paths[controller]
		switch {
		case !in:
		case controller == "memory":
			h.memory = h.usable(m.path(path), memoryLimit)
		case controller == "pids":
			h.pids = h.usable(m.path(path), pidsLimit)
		}
	}
}

// Features says in words what there is.
func (h *Host) Features() []string {
	var features []string
	add := func(version string, names map[string]bool) {
		var there []string
		for _, name := range []string{"kill", "memory", "pids"} {
			if names[name] {
				there = append(there, name)
			}
		}
		if len(there) > 0 {
			features = append(features, version+": "+strings.Join(there, ", "))
		}
	}
	add("cgroup2", map[string]bool{"kill": h.kill, "memory": h.limitMem, "pids": h.limitP})
	add("cgroup1", map[string]bool{"memory": h.memory != "", "pids": h.pids != ""})
	return features
}

// Old reports whether there are version 1 groups.
func (h *Host) Old() bool { return h.memory != "" || h.pids != "" }

// LimitsMemory reports whether the kernel keeps limits of memory.
func (h *Host) LimitsMemory() bool { return h.limitMem || h.memory != "" }

// LimitsProcesses reports whether the kernel keeps limits of processes.
func (h *Host) LimitsProcesses() bool { return h.limitP || h.pids != "" }

// findUnified is version 2 at this process's own group. Controllers are handed
// down only where no process is beside the groups of attempts: in the leaf
// capri-worker, where a service manager puts the worker (DelegateSubgroup=), or
// at the top of a container, where it moves there itself. In the plain group of
// a service the next worker could not be started while scripts run.
func (h *Host) findUnified(dir, path string) unified {
	base := dir
	if filepath.Base(path) == leaf {
		base = filepath.Dir(dir)
	}
	h.handOver(base, path)
	u := unified{dir: h.usable(base, "cgroup.procs")}
	if u.dir == "" {
		return u
	}
	probe := h.probe(u.dir)
	if h.make(probe) != nil {
		return unified{}
	}
	defer func() { _ = os.Remove(probe) }() // at worst Sweep removes it
	u.kill = exists(probe, "cgroup.kill")
	u.limitMem, u.limitP = exists(probe, "memory.max"), exists(probe, "pids.max")
	if !u.kill && !u.limitMem && !u.limitP {
		return unified{}
	}
	return u
}

// handOver enables the controllers for the groups of attempts.
func (h *Host) handOver(base, path string) {
	available, err := os.ReadFile(filepath.Join(base, "cgroup.controllers"))
	if err != nil || filepath.Base(path) != leaf && path != "/" {
		return
	}
	var wanted []string
	for controller := range strings.FieldsSeq(string(available)) {
		if controller == "memory" || controller == "pids" {
			wanted = append(wanted, "+"+controller)
		}
	}
	if len(wanted) == 0 {
		return
	}
	if path == "/" && exists(base, "cgroup.events") { // of a container: the real top has none
		own := filepath.Join(base, leaf)
		if h.make(own) != nil || write(own, "cgroup.procs", strconv.Itoa(os.Getpid())) != nil {
			return
		}
	}
	for _, dir := range []string{base, filepath.Join(base, below)} {
		if h.make(dir) != nil || write(dir, "cgroup.subtree_control", strings.Join(wanted, " ")) != nil {
			return // what is missing shows in the first group
		}
	}
}

// usable returns the directory for groups below dir if groups can be made there
// that have a file of some name and take processes; otherwise nothing.
func (h *Host) usable(dir, file string) string {
	home := filepath.Join(dir, below)
	probe := h.probe(home)
	if h.make(home) != nil || h.make(probe) != nil {
		return ""
	}
	defer func() { _ = os.Remove(probe) }() // at worst Sweep removes it
	if !exists(probe, file) {
		return ""
	}
	procs, err := os.OpenFile(filepath.Join(probe, "cgroup.procs"), os.O_WRONLY, 0)
	if err != nil {
		return ""
	}
	_ = procs.Close()
	return home
}

func (h *Host) probe(home string) string {
	return filepath.Join(home, h.prefix+"-probe-"+strconv.Itoa(os.Getpid()))
}

// make makes a directory unless it is there.
func (h *Host) make(dir string) error {
	if err := h.mkdir(dir); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("make control group: %w", err)
	}
	return nil
}

// mount is a hierarchy.
type mount struct {
	point, root string
	version     int
	controllers []string // of version 1
}

// path is where a group of the hierarchy is. In a container without a
// namespace of its own the mount shows only part of the hierarchy.
func (m mount) path(group string) string {
	if m.root != "/" {
		if inside, is := strings.CutPrefix(group, m.root); is {
			group = inside
		}
	}
	return filepath.Join(m.point, group)
}

// parseMounts reads proc_pid_mountinfo(5).
func parseMounts(text string) []mount {
	var mounts []mount
	for line := range strings.Lines(text) {
		left, right, found := strings.Cut(line, " - ")
		where, what := strings.Fields(left), strings.Fields(right)
		if !found || len(where) < 5 || len(what) < 3 {
			continue
		}
		m := mount{point: unescape(where[4]), root: unescape(where[3])}
		switch what[0] {
		case "cgroup":
			m.version, m.controllers = 1, strings.Split(what[2], ",")
		case "cgroup2":
			m.version = 2
		default:
			continue
		}
		mounts = append(mounts, m)
	}
	return mounts
}

func unescape(path string) string {
	return strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`).Replace(path)
}

// ownPaths reads proc_pid_cgroup(5): the group in each hierarchy, by
// controller; version 2 has none.
func ownPaths(text string) map[string]string {
	paths := make(map[string]string)
	for line := range strings.Lines(text) {
		parts := strings.SplitN(strings.TrimSuffix(line, "\n"), ":", 3)
		if len(parts) != 3 {
			continue
		}
		for controller := range strings.SplitSeq(parts[1], ",") {
			paths[controller] = parts[2]
		}
	}
	return paths
}

func exists(dir, file string) bool {
	_, err := os.Stat(filepath.Join(dir, file))
	return err == nil
}
