package cgroup

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	memoryLimit = "memory.limit_in_bytes"
	swapLimit   = "memory.memsw.limit_in_bytes"
	pidsLimit   = "pids.max"
)

// Limits are those the kernel keeps; 0 is none.
type Limits struct {
	Memory    int64 // bytes
	Processes int   // and threads
}

// Group is the group of one attempt: a directory in each hierarchy that is
// used. The zero value is no group.
type Group struct {
	Unified string `json:"unified,omitempty"`
	Memory  string `json:"memory,omitempty"`
	Pids    string `json:"pids,omitempty"`
	Owner   int    `json:"owner,omitempty"` // the process that made it; one of its threads may still be inside
}

// Make makes a version 2 group with limits. It is the zero value where there is
// none to be had.
func (h *Host) Make(name string, limits Limits) (Group, error) {
	if h.dir == "" {
		return Group{}, nil
	}
	g := Group{Unified: filepath.Join(h.dir, h.prefix+"-"+name)}
	if err := h.make(g.Unified); err != nil {
		return Group{}, err
	}
	var err error
	if h.limitMem && limits.Memory > 0 {
		err = write(g.Unified, "memory.max", strconv.FormatInt(limits.Memory, 10))
		if exists(g.Unified, "memory.swap.max") {
			err = errors.Join(err, write(g.Unified, "memory.swap.max", "0"))
		}
	}
	if h.limitP && limits.Processes > 0 {
		err = errors.Join(err, write(g.Unified, pidsLimit, strconv.Itoa(limits.Processes)))
	}
	return g, err
}

// MakeOld makes a group in the version 1 hierarchies, for a thread that enters
// it before it forks: in that of memory only if asked to, because to count memory
// is dear. It is the zero value where there are none.
func (h *Host) MakeOld(name string, memory bool) (Group, error) {
	home := h.memory
	if !memory {
		home = ""
	}
	if home == "" && h.pids == "" {
		return Group{}, nil
	}
	g := Group{Owner: os.Getpid()}
	var failures []error
	for _, part := range []struct {
		home string
		dir  *string
	}{{home, &g.Memory}, {h.pids, &g.Pids}} {
		if part.home == "" {
			continue
		}
		*part.dir = filepath.Join(part.home, h.prefix+"-"+name)
		if err := h.mkdir(*part.dir); err != nil {
			failures = append(failures, fmt.Errorf("make control group: %w", err))
		}
	}
	return g, errors.Join(failures...)
}

// LimitOld sets the limits of a group that MakeOld made. The thread that forks
// is in it, too, and counts.
func (g Group) LimitOld(limits Limits) error {
	var err error
	if g.Memory != "" && limits.Memory > 0 {
		bytes := strconv.FormatInt(limits.Memory, 10)
		err = write(g.Memory, memoryLimit, bytes)
		if exists(g.Memory, swapLimit) {
			err = errors.Join(err, write(g.Memory, swapLimit, bytes))
		}
	}
	if g.Pids != "" && limits.Processes > 0 {
		err = errors.Join(err, write(g.Pids, pidsLimit, strconv.Itoa(limits.Processes+1)))
	}
	return err
}

// Enter moves a thread into the version 1 part of a group.
func (g Group) Enter(thread int) error {
	var err error
	for _, dir := range []string{g.Memory, g.Pids} {
		if dir != "" {
			err = errors.Join(err, write(dir, "tasks", strconv.Itoa(thread)))
		}
	}
	return err
}

// Leave moves a thread back to where this process is.
func (h *Host) Leave(thread int) error {
	var err error
	for _, home := range []string{h.memory, h.pids} {
		if home != "" {
			err = errors.Join(err, write(filepath.Dir(home), "tasks", strconv.Itoa(thread)))
		}
	}
	return err
}

// Join is the parts of two groups as one.
func Join(unified, old Group) Group {
	return Group{Unified: unified.Unified, Memory: old.Memory, Pids: old.Pids, Owner: old.Owner}
}

func (g Group) dirs() []string {
	return slices.DeleteFunc([]string{g.Unified, g.Memory, g.Pids}, func(dir string) bool { return dir == "" })
}

// Procs are the processes in the group. The one that made it is never among
// them, though one of its threads may be in the group.
func (g Group) Procs() []int {
	var pids []int
	for _, dir := range g.dirs() {
		text, err := os.ReadFile(filepath.Join(dir, "cgroup.procs"))
		if err != nil {
			continue
		}
		for field := range strings.FieldsSeq(string(text)) {
			if pid, err := strconv.Atoi(field); err == nil && pid > 0 && pid != g.Owner {
				pids = append(pids, pid)
			}
		}
	}
	slices.Sort(pids)
	return slices.Compact(pids)
}

// Kill ends all processes of the group at once where the kernel can do that,
// and otherwise sees to it that they have no more children. This process's own
// threads are never in the part that is killed at once.
func (g Group) Kill() {
	if g.Unified != "" {
		_ = write(g.Unified, "cgroup.kill", "1")
		_ = write(g.Unified, pidsLimit, "0")
	}
	if g.Pids != "" {
		_ = write(g.Pids, pidsLimit, "0")
	}
}

// Trouble is how often the kernel enforced the limits of a group.
type Trouble struct {
	Killed int // processes killed for want of memory
	Denied int // processes that were not made
}

// Trouble reads what the kernel counted. What cannot be read counts as none.
func (g Group) Trouble() Trouble {
	return Trouble{
		Killed: max(count(g.Unified, "memory.events", "oom_kill"), count(g.Memory, "memory.oom_control", "oom_kill")),
		Denied: max(count(g.Unified, "pids.events", "max"), count(g.Pids, "pids.events", "max")),
	}
}

// LimitsMemory reports whether the kernel keeps a limit of this group's memory.
func (g Group) LimitsMemory() bool {
	return g.Memory != "" || g.Unified != "" && exists(g.Unified, "memory.max")
}

// Remove removes the group if no process is left in it.
func (g Group) Remove() error {
	var failures []error
	for _, dir := range g.dirs() {
		if err := syscall.Rmdir(dir); err != nil && !errors.Is(err, syscall.ENOENT) {
			failures = append(failures, fmt.Errorf("remove control group %s: %w", dir, err))
		}
	}
	return errors.Join(failures...)
}

// forgotten is the age from which an empty group is nobody's: one that is about
// to be used is younger.
const forgotten = time.Hour

// Sweep removes the groups that are empty and that earlier processes with the
// same prefix left, or anybody long ago.
func (h *Host) Sweep() {
	for _, home := range []string{h.dir, h.memory, h.pids} {
		entries, err := os.ReadDir(home)
		if home == "" || err != nil {
			continue
		}
		for _, entry := range entries {
			if entry.IsDir() && (strings.HasPrefix(entry.Name(), h.prefix+"-") || isOld(entry)) {
				_ = syscall.Rmdir(filepath.Join(home, entry.Name())) // one in use stays
			}
		}
	}
}

func isOld(entry fs.DirEntry) bool {
	info, err := entry.Info()
	return err == nil && time.Since(info.ModTime()) > forgotten
}

// count reads one number from a file of "name number" lines.
func count(dir, file, name string) int {
	if dir == "" {
		return 0
	}
	text, err := os.ReadFile(filepath.Join(dir, file))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) != 2 || fields[0] != name {
			continue
		}
		if n, err := strconv.Atoi(fields[1]); err == nil {
			return n
		}
	}
	return 0
}

// write writes to a file of cgroupfs, which is there already. An os.File would
// be watched for events, which costs more than the write.
func write(dir, file, text string) error {
	name := filepath.Join(dir, file)
	fd, err := syscall.Open(name, syscall.O_WRONLY|syscall.O_TRUNC|syscall.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("set up control group: open %s: %w", name, err)
	}
	_, err = syscall.Write(fd, []byte(text))
	if err = errors.Join(err, syscall.Close(fd)); err != nil {
		return fmt.Errorf("set up control group: write %s: %w", name, err)
	}
	return nil
}
