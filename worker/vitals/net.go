package vitals

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The states of a TCP connection that count as talking to somebody.
const (
	tcpEstablished = "01"
	tcpSynSent     = "02"
)

// commandLimit bounds what is told of a command line.
const commandLimit = 300

// Talker is a process with a connection to one of the ports that were asked
// for, and how far it has got.
type Talker struct {
	Pid     int
	Start   uint64 // ticks since boot: with the pid, its identity
	Tag     string // value of the environment entry that was asked for
	Remote  netip.AddrPort
	CPU     time.Duration
	IO      uint64 // bytes it has read and written, also through sockets and pipes
	Command string // its command line, clipped; never its environment
}

// Connections returns the TCP connections of this host to these remote ports
// that are up or being made, by their sockets' inodes.
func Connections(ports []int) (map[uint64]netip.AddrPort, error) {
	found := make(map[uint64]netip.AddrPort)
	for _, file := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		text, err := os.ReadFile(file)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read connections: %w", err)
		}
		for line := range bytes.Lines(text) {
			inode, remote, ok := parseConnection(line)
			if ok && slices.Contains(ports, int(remote.Port())) {
				found[inode] = remote
			}
		}
	}
	return found, nil
}

// parseConnection reads a line of proc_pid_net_tcp(5): fields 3, 4 and 10 are
// the remote address, the state and the inode. Others than live ones are passed over.
func parseConnection(line []byte) (inode uint64, remote netip.AddrPort, ok bool) {
	fields := bytes.Fields(line)
	if len(fields) < 10 {
		return 0, remote, false
	}
	if state := string(fields[3]); state != tcpEstablished && state != tcpSynSent {
		return 0, remote, false
	}
	inode, err := strconv.ParseUint(string(fields[9]), 10, 64)
	if err != nil || inode == 0 {
		return 0, remote, false
	}
	remote, ok = parseAddress(string(fields[2]))
	return inode, remote, ok
}

// parseAddress reads an address in hexadecimal, in words of the host's order,
// and a port.
func parseAddress(text string) (netip.AddrPort, bool) {
	address, port, found := strings.Cut(text, ":")
	raw, err := hex.DecodeString(address)
	number, portErr := strconv.ParseUint(port, 16, 16)
	if !found || err != nil || portErr != nil || (len(raw) != 4 && len(raw) != 16) {
		return netip.AddrPort{}, false
	}
	for word := range slices.Chunk(raw, 4) {
		binary.NativeEndian.PutUint32(word, binary.BigEndian.Uint32(word))
	}
	ip, ok := netip.AddrFromSlice(raw)
	return netip.AddrPortFrom(ip.Unmap(), uint16(number)), ok
}

// Talkers finds the processes with one of the connections that carry an
// environment entry of this name, or descend from one that does, in one pass. A
// process with living children is left out: it may be waiting for them. So is
// one that ends meanwhile or cannot be looked into.
func (Processes) Talkers(name string, connections map[uint64]netip.AddrPort) ([]Talker, error) {
	if len(connections) == 0 {
		return nil, nil
	}
	all, err := table()
	if err != nil {
		return nil, err
	}
	byPid, waits := make(map[int]process, len(all)), make(map[int]bool)
	for _, p := range all {
		byPid[p.pid] = p
		if !p.dead {
			waits[p.parent] = true
		}
	}
	tags := tagsOf(byPid, name)
	var out []Talker
	for _, p := range all {
		if p.dead || waits[p.pid] || tags[p.pid] == "" {
			continue
		}
		remote, talks := talksTo(p.pid, connections)
		moved, known := transferred(p.pid)
		if talks && known {
			out = append(out, Talker{
				Pid: p.pid, Start: p.start, Tag: tags[p.pid], Remote: remote,
				CPU: ticks(p.cpuTicks), IO: moved, Command: commandOf(p.pid),
			})
		}
	}
	return out, nil
}

// tagsOf finds each process's value of an environment entry: its own, or that
// of the nearest process it descends from.
func tagsOf(all map[int]process, name string) map[int]string {
	tags := make(map[int]string, len(all))
	var tagOf func(pid int) string
	tagOf = func(pid int) string {
		p, there := all[pid]
		if tag, known := tags[pid]; known || !there {
			return tag
		}
		tags[pid] = "" // in case of a circle, which the kernel does not make
		tag := valueOf(pid, name)
		if tag == "" {
			tag = tagOf(p.parent)
		}
		tags[pid] = tag
		return tag
	}
	for pid := range all {
		tagOf(pid)
	}
	return tags
}

// valueOf is what a process was started with as the environment entry of a name.
func valueOf(pid int, name string) string {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/environ")
	if err != nil {
		return ""
	}
	for entry := range bytes.SplitSeq(text, []byte{0}) {
		if value, found := bytes.CutPrefix(entry, []byte(name+"=")); found {
			return string(value)
		}
	}
	return ""
}

// talksTo looks for one of the connections among a process's open files.
func talksTo(pid int, connections map[uint64]netip.AddrPort) (netip.AddrPort, bool) {
	dir := "/proc/" + strconv.Itoa(pid) + "/fd"
	files, err := os.ReadDir(dir)
	if err != nil {
		return netip.AddrPort{}, false
	}
	for _, f := range files {
		target, err := os.Readlink(filepath.Join(dir, f.Name()))
		if err != nil {
			continue
		}
		inode, isSocket := strings.CutPrefix(target, "socket:[")
		number, err := strconv.ParseUint(strings.TrimSuffix(inode, "]"), 10, 64)
		if !isSocket || err != nil {
			continue
		}
		if remote, found := connections[number]; found {
			return remote, true
		}
	}
	return netip.AddrPort{}, false
}

// transferred is how many bytes a process has read and written in its life.
func transferred(pid int) (uint64, bool) {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/io")
	if err != nil {
		return 0, false
	}
	var sum uint64
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		if name != "rchar" && name != "wchar" {
			continue
		}
		n, err := strconv.ParseUint(value, 10, 64)
		if err != nil {
			return 0, false
		}
		sum += n
	}
	return sum, true
}

// commandOf is a process's command line, with blanks between its parts.
func commandOf(pid int) string {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/cmdline")
	if err != nil {
		return ""
	}
	text = bytes.ReplaceAll(bytes.TrimRight(text, "\x00"), []byte{0}, []byte{' '})
	return strings.ToValidUTF8(string(text[:min(len(text), commandLimit)]), "\uFFFD")
}
