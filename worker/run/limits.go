package run

import (
	"fmt"
	"strconv"
	"syscall"

	"capricornus/worker/cgroup"
)

// Limits of one attempt; beyond them it is ended. 0 is none of its kind.
type Limits struct {
	AttemptMemory int64   // bytes
	MemoryTimes   float64 // times what the task declares
	Processes     int     // threads count
	File          int64   // bytes of the largest file it may write
	Log           int64   // bytes of output
	LogKeep       int64   // bytes of it that stay on disk
}

// memory is the limit for a task that declares so much; 0 is none.
func (l Limits) memory(declared int64) int64 {
	limit := l.AttemptMemory
	if times := int64(l.MemoryTimes * float64(declared)); times > 0 && (limit == 0 || times < limit) {
		limit = times
	}
	return limit
}

// Use is what an attempt uses at one moment.
type Use struct {
	Memory    int64
	Processes int
	Threads   int // of all processes; each has one at least
}

// overUse says in a sentence with numbers what an attempt uses too much of, or
// nothing.
func (l Limits) overUse(use Use, declared int64) string {
	switch limit := l.memory(declared); {
	case limit > 0 && use.Memory > limit:
		return fmt.Sprintf("it used %s of memory; its limit is %s", amount(use.Memory), amount(limit))
	case l.Processes > 0 && use.Threads > l.Processes:
		return fmt.Sprintf("it had %s processes and threads; its limit is %s", thousands(use.Threads), thousands(l.Processes))
	default:
		return ""
	}
}

// overTrouble says what the kernel did to keep a limit, or nothing.
func (l Limits) overTrouble(trouble cgroup.Trouble, declared int64) string {
	switch {
	case trouble.Killed > 0:
		return fmt.Sprintf("it used all of its limit of %s of memory, and the kernel killed %s of its processes", amount(l.memory(declared)), thousands(trouble.Killed))
	case trouble.Denied > 0:
		return fmt.Sprintf("it had %s processes and threads, its limit, and wanted more", thousands(l.Processes))
	default:
		return ""
	}
}

// overLog says that a log is too long, or nothing.
func (l Limits) overLog(size int64) string {
	if l.Log <= 0 || size <= l.Log {
		return ""
	}
	return "its log grew over " + amount(l.Log)
}

// overEnd says of an attempt that ended by itself and not well which limit was
// in its way, or nothing.
func (l Limits) overEnd(exit Exit, declared int64) string {
	if exit.Code == nil || *exit.Code == 0 {
		return ""
	}
	if why := l.overTrouble(exit.Trouble, declared); why != "" {
		return why
	}
	if l.File > 0 && *exit.Code == 128+int(syscall.SIGXFSZ) {
		return "a file reached the limit of " + amount(l.File)
	}
	return ""
}

func amount(n int64) string {
	switch {
	case n >= 1<<30 && n%(1<<30) == 0:
		return thousands(int(n>>30)) + " GiB"
	case n >= 1<<20:
		return thousands(int(n>>20)) + " MiB"
	default:
		return thousands(int(n>>10)) + " KiB"
	}
}

// thousands writes 4096 as 4,096.
func thousands(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
