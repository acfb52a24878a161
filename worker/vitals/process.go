package vitals

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
)

// ticksPerSecond is USER_HZ, which Linux has fixed at 100 for user space.
const ticksPerSecond = 100

// process is one line of the process table.
type process struct {
	pid, parent, session int
	start                uint64 // ticks since boot: with the pid, the identity of a process
	cpuTicks             uint64
	childTicks           uint64 // of ended children that were waited for
	rss                  int64  // bytes
	threads              int
	terminal             int  // 0: none
	dead                 bool // a zombie: it runs nothing any more
}

// table reads all processes. Those that end meanwhile are left out.
func table() ([]process, error) {
	dir, err := os.Open("/proc")
	if err != nil {
		return nil, fmt.Errorf("read process table: %w", err)
	}
	defer dir.Close()
	names, err := dir.Readdirnames(-1)
	if err != nil {
		return nil, fmt.Errorf("read process table: %w", err)
	}
	all := make([]process, 0, len(names))
	for _, name := range names {
		pid, err := strconv.Atoi(name)
		if err != nil {
			continue
		}
		if p, alive := readProcess(pid); alive {
			all = append(all, p)
		}
	}
	return all, nil
}

// readProcess reads one process; false when there is none.
func readProcess(pid int) (process, bool) {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return process{}, false
	}
	return parseStat(pid, text)
}

// parseStat reads proc_pid_stat(5). The second field is the command in
// parentheses and may hold anything, so reading starts after the last one.
func parseStat(pid int, text []byte) (process, bool) {
	end := bytes.LastIndexByte(text, ')')
	if end < 0 {
		return process{}, false
	}
	fields := bytes.Fields(text[end+1:])
	const wanted = 22 // from state, field 3, to rss, field 24
	if len(fields) < wanted {
		return process{}, false
	}
	number := func(field int) uint64 {
		n, err := strconv.ParseUint(string(fields[field-3]), 10, 64)
		if err != nil {
			return 0
		}
		return n
	}
	state := fields[0][0]
	return process{
		pid:        pid,
		parent:     int(number(4)),
		session:    int(number(6)),
		cpuTicks:   number(14) + number(15),
		childTicks: number(16) + number(17),
		terminal:   int(number(7)),
		start:      number(22),
		rss:        int64(number(24)) * int64(os.Getpagesize()),
		threads:    int(number(20)),
		dead:       state == 'Z' || state == 'X' || state == 'x',
	}, true
}

// share is the memory of a process with its share of what it has in common with
// others. One that cannot be looked into counts whole, unless it has ended.
func (p process) share() int64 {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(p.pid) + "/smaps_rollup")
	if err != nil {
		now, there := readProcess(p.pid)
		if !there || now.start != p.start {
			return 0
		}
		return now.rss // 0 of one that is ending
	}
	for line := range bytes.Lines(text) {
		fields := bytes.Fields(line)
		if len(fields) < 2 || string(fields[0]) != "Pss:" {
			continue
		}
		if kibibytes, err := strconv.ParseInt(string(fields[1]), 10, 64); err == nil {
			return kibibytes << 10
		}
	}
	return p.rss
}

// tagged reports whether the process was started with tag in its environment.
// One whose environment cannot be read (another user's) counts as not tagged.
func tagged(pid int, tag string) bool {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/environ")
	if err != nil {
		return false
	}
	for len(text) > 0 {
		entry, rest, _ := bytes.Cut(text, []byte{0})
		if string(entry) == tag {
			return true
		}
		text = rest
	}
	return false
}

// strays reports whether the process is an orphan without a terminal that works
// below a directory.
func (p process) strays(dir string) bool {
	if dir == "" || p.parent != 1 || p.terminal != 0 {
		return false
	}
	where, err := os.Readlink("/proc/" + strconv.Itoa(p.pid) + "/cwd")
	where = strings.TrimSuffix(where, " (deleted)")
	return err == nil && (where == dir || strings.HasPrefix(where, dir+"/"))
}

// BootID identifies this boot of the host: pids and start times of an earlier
// one mean nothing. It is empty where the system does not say.
func BootID() (string, error) {
	text, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read boot id: %w", err)
	}
	return string(bytes.TrimSpace(text)), nil
}
