package cgroup

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// kernel stands for cgroupfs: a directory in which new directories come with
// files in them.
type kernel struct {
	t    *testing.T
	root string
	text struct{ mounts, own string }
}

func newKernel(t *testing.T) *kernel {
	t.Helper()
	k := &kernel{t: t, root: t.TempDir()}
	if err := os.MkdirAll(k.root+"/proc/self", 0o755); err != nil {
		t.Fatal(err)
	}
	return k
}

// old mounts a version 1 hierarchy in which this process is in a group.
func (k *kernel) old(controller, group string) {
	k.t.Helper()
	k.mount("/"+controller, "cgroup none rw,"+controller, "1:"+controller+":"+group)
	k.make(filepath.Join(k.root, controller, group))
}

func (k *kernel) mount(point, kind, own string) {
	k.text.mounts += fmt.Sprintf("30 23 0:28 / %s rw,relatime - %s\n", k.root+point, kind)
	k.text.own += own + "\n"
	k.make(k.root + point)
}

// unified mounts version 2 with some controllers to be handed down.
func (k *kernel) unified(group, controllers string) string {
	k.t.Helper()
	k.mount("/unified", "cgroup2 none rw", "0::"+group)
	dir := filepath.Join(k.root, "unified", group)
	k.make(dir)
	for d := dir; len(d) >= len(k.root+"/unified"); d = filepath.Dir(d) {
		k.put(d, "cgroup.controllers", controllers+"\n")
	}
	return dir
}

func (k *kernel) put(dir, file, text string) {
	if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o644); err != nil {
		k.t.Fatal(err)
	}
}

func (k *kernel) make(dir string) {
	k.t.Helper()
	for _, missing := range missingDirs(dir) {
		if err := k.mkdir(missing); err != nil {
			k.t.Fatal(err)
		}
	}
}

func missingDirs(dir string) []string {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	return append(missingDirs(filepath.Dir(dir)), dir)
}

// mkdir does what cgroupfs does: files for what the hierarchy has, in version 2
// for what the parent hands down.
func (k *kernel) mkdir(dir string) error {
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	files := []string{"cgroup.procs", "tasks"}
	switch rest, _ := strings.CutPrefix(dir, k.root+"/"); {
	case strings.HasPrefix(rest, "memory"):
		files = append(files, memoryLimit, swapLimit, "memory.oom_control")
	case strings.HasPrefix(rest, "pids"):
		files = append(files, pidsLimit, "pids.events")
	case strings.HasPrefix(rest, "unified"):
		files = []string{"cgroup.procs", "cgroup.kill", "cgroup.events", "cgroup.subtree_control"}
		handed, _ := os.ReadFile(filepath.Dir(dir) + "/cgroup.subtree_control")
		if strings.Contains(string(handed), "memory") {
			files = append(files, "memory.max", "memory.swap.max", "memory.events")
		}
		if strings.Contains(string(handed), "pids") {
			files = append(files, "pids.max", "pids.events")
		}
	}
	for _, file := range files {
		k.put(dir, file, "")
	}
	return nil
}

func (k *kernel) find() *Host {
	k.t.Helper()
	k.put(k.root+"/proc/self", "mountinfo", k.text.mounts+"21 1 0:5 / /proc rw - proc none rw\nbroken\n")
	k.put(k.root+"/proc/self", "cgroup", k.text.own)
	return find(k.root+"/proc", "abc", k.mkdir)
}

func (k *kernel) wants(dir, file, want string) {
	k.t.Helper()
	if text, err := os.ReadFile(filepath.Join(dir, file)); err != nil || string(text) != want {
		k.t.Errorf("got %q, %v in %s/%s, want %q", text, err, dir, file, want)
	}
}

func TestFindTellsWhatAHostOffers(t *testing.T) {
	tests := map[string]struct {
		host func(k *kernel)
		want []string
	}{
		"Nothing":                     {func(*kernel) {}, nil},
		"OldHierarchies":              {func(k *kernel) { k.old("memory", "/a/b"); k.old("pids", "/"); k.old("cpu", "/") }, []string{"cgroup1: memory, pids"}},
		"OneOldHierarchy":             {func(k *kernel) { k.old("pids", "/a") }, []string{"cgroup1: pids"}},
		"HybridWithoutControllers":    {func(k *kernel) { k.unified("/", "hugetlb"); k.old("memory", "/") }, []string{"cgroup2: kill", "cgroup1: memory"}},
		"LeafThatAServiceManagerMade": {func(k *kernel) { k.unified("/system.slice/w.service/capri-worker", "cpu memory pids") }, []string{"cgroup2: kill, memory, pids"}},
		"TopOfAContainer":             {func(k *kernel) { k.unified("/", "memory pids") }, []string{"cgroup2: kill, memory, pids"}},
		"PlainGroupOfAService":        {func(k *kernel) { k.unified("/system.slice/w.service", "memory pids") }, []string{"cgroup2: kill"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			k := newKernel(t)
			test.host(k)
			h := k.find()
			if got := h.Features(); !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
			joined := strings.Join(test.want, " ")
			if h.LimitsMemory() != strings.Contains(joined, "memory") || h.LimitsProcesses() != strings.Contains(joined, "pids") {
				t.Errorf("got memory %v, processes %v", h.LimitsMemory(), h.LimitsProcesses())
			}
		})
	}
}

func TestWorkerMovesIntoALeafAtTheTopOfAContainer(t *testing.T) {
	k := newKernel(t)
	top := k.unified("/", "cpu memory pids")
	k.find()
	k.wants(top+"/capri-worker", "cgroup.procs", strconv.Itoa(os.Getpid()))
	k.wants(top, "cgroup.subtree_control", "+memory +pids")
}

func TestUnifiedGroupHasItsLimits(t *testing.T) {
	k := newKernel(t)
	leaf := k.unified("/w.service/capri-worker", "memory pids")
	h := k.find()
	g, err := h.Make("7-1", Limits{Memory: 1 << 20, Processes: 9})
	if err != nil || g.Unified != filepath.Dir(leaf)+"/capri-attempts/abc-7-1" {
		t.Fatalf("got %+v, %v", g, err)
	}
	k.wants(g.Unified, "memory.max", "1048576")
	k.wants(g.Unified, "memory.swap.max", "0")
	k.wants(g.Unified, "pids.max", "9")
	if old, err := h.MakeOld("1", true); old != (Group{}) || err != nil {
		t.Errorf("got %+v, %v, want no group of version 1", old, err)
	}
	k.put(g.Unified, "memory.events", "low 0\noom 3\noom_kill 2\n")
	k.put(g.Unified, "pids.events", "max 5\n")
	if got := g.Trouble(); got != (Trouble{Killed: 2, Denied: 5}) {
		t.Errorf("got %+v", got)
	}
	g.Kill()
	k.wants(g.Unified, "cgroup.kill", "1")
}

func TestOldGroupCountsTheThreadThatForks(t *testing.T) {
	k := newKernel(t)
	k.old("memory", "/own")
	k.old("pids", "/own")
	h := k.find()
	g, err := h.MakeOld("12-1", true)
	if err != nil || g.Pids != k.root+"/pids/own/capri-attempts/abc-12-1" || g.Owner != os.Getpid() {
		t.Fatalf("got %+v, %v", g, err)
	}
	if err := errors.Join(g.LimitOld(Limits{Memory: 4096, Processes: 9}), g.Enter(77)); err != nil {
		t.Fatal(err)
	}
	k.wants(g.Memory, memoryLimit, "4096")
	k.wants(g.Memory, swapLimit, "4096")
	k.wants(g.Pids, pidsLimit, "10")
	k.wants(g.Pids, "tasks", "77")
	k.put(g.Memory, "cgroup.procs", "5\n6\n")
	k.put(g.Pids, "cgroup.procs", fmt.Sprintf("6\n0\n%d\nx\n", os.Getpid()))
	if got := Join(Group{}, g).Procs(); !slices.Equal(got, []int{5, 6}) {
		t.Errorf("got %v, want the two that are not the maker", got)
	}
	k.put(g.Memory, "memory.oom_control", "oom_kill_disable 0\noom_kill 1\n")
	if got := g.Trouble(); got != (Trouble{Killed: 1}) {
		t.Errorf("got %+v", got)
	}
	g.Kill()
	k.wants(g.Pids, pidsLimit, "0")
	if err := h.Leave(77); err != nil {
		t.Error(err)
	}
	k.wants(k.root+"/pids/own", "tasks", "77")
}

func TestMemoryIsCountedOnlyWhereItIsLimited(t *testing.T) {
	k := newKernel(t)
	k.old("memory", "/own")
	h := k.find()
	if g, err := h.MakeOld("1", false); err != nil || g != (Group{}) {
		t.Errorf("got %+v, %v, want no group at all", g, err)
	}
	k.old("pids", "/own")
	h = k.find()
	if g, err := h.MakeOld("2", false); err != nil || g.Memory != "" || g.Pids == "" {
		t.Errorf("got %+v, %v, want a group of processes", g, err)
	}
	if g, err := h.MakeOld("3", true); err != nil || g.Memory == "" || g.Pids == "" {
		t.Errorf("got %+v, %v, want a group of both", g, err)
	}
}

func TestNoGroupIsNoTrouble(t *testing.T) {
	var g Group
	g.Kill()
	if g.Procs() != nil || g.Trouble() != (Trouble{}) || g.Remove() != nil || g.Enter(1) != nil || g.LimitOld(Limits{1, 1}) != nil {
		t.Error("got something of no group")
	}
}

func TestMountOfAContainerShowsPartOfTheHierarchy(t *testing.T) {
	mounts := parseMounts("36 31 0:33 /docker/abc /sys/fs/cgroup/memo\\040ry rw - cgroup none rw,memory\n")
	if len(mounts) != 1 || mounts[0].path("/docker/abc/x") != "/sys/fs/cgroup/memo ry/x" {
		t.Errorf("got %+v", mounts)
	}
}

// TestRealGroups uses what the host that runs the test offers, be it nothing.
func TestRealGroups(t *testing.T) {
	h := Find("/proc", "testing")
	defer h.Sweep()
	unified, err := h.Make("1", Limits{Memory: 64 << 20, Processes: 10})
	if err != nil {
		t.Error(err)
	}
	old, err := h.MakeOld("2", true)
	if err == nil {
		err = old.LimitOld(Limits{Memory: 64 << 20, Processes: 10})
	}
	if err != nil {
		t.Error(err)
	}
	g := Join(unified, old)
	if got := g.Procs(); len(got) != 0 {
		t.Errorf("got %v in a new group", got)
	}
	if got := g.Trouble(); got != (Trouble{}) {
		t.Errorf("got %+v in a new group", got)
	}
	left, err := h.MakeOld("3", false)
	if err != nil {
		t.Error(err)
	}
	if err := g.Remove(); err != nil {
		t.Error(err)
	}
	Find("/proc", "testing").Sweep()
	for _, dir := range append(g.dirs(), left.dirs()...) {
		if exists(dir, "") {
			t.Errorf("got %s left", dir)
		}
	}
}
