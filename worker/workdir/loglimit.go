package workdir

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// gapName is the file that notes which part of the log is not there any more.
const gapName = "log.gap"

const (
	punchHole  = 0x02 // FALLOC_FL_PUNCH_HOLE
	keepLength = 0x01 // FALLOC_FL_KEEP_SIZE
	leastBlock = 4096
)

// LogSize is how long the log is, with what was dropped from it. No log is an
// empty one.
func (a *Attempt) LogSize() (int64, error) {
	info, err := a.root.Lstat(a.dir + "/" + logName)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("look at log: %w", err)
	}
	return info.Size(), nil
}

// LogGap returns the part of the log that was dropped: the bytes before from
// can be read, and the last line of them says what happened; those from to on
// can be read, too. 0 and 0 is no gap.
func (a *Attempt) LogGap() (from, to int64, err error) {
	text, err := a.Read(gapName, 64)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, 0, nil
	}
	if err != nil {
		return 0, 0, err
	}
	if _, err := fmt.Sscanf(string(text), "%d %d\n", &from, &to); err != nil || from < 0 || to < from {
		return 0, 0, fmt.Errorf("read %s/%s: %q is no pair of offsets", a.dir, gapName, text)
	}
	return from, to, nil
}

// TrimLog gives the middle of a log that takes more than keep bytes back to the
// file system: the first quarter of keep stays, and the newest bytes for the
// rest. Whoever writes to the log goes on doing so, and no offset changes. Where
// the file system cannot do that, the log is left as it is.
func (a *Attempt) TrimLog(keep int64) error {
	if size, err := a.LogSize(); err != nil || keep <= 0 || size <= keep {
		return err
	}
	file, err := a.root.OpenFile(a.dir+"/"+logName, os.O_RDWR|planted, 0) // to append would be to write at the end only
	if err != nil {
		return fmt.Errorf("open log: %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return fmt.Errorf("open log: %w", err)
	}
	cut := dropped(info.Size(), keep, blockOf(info))
	_, before, err := a.LogGap()
	if err != nil || before == cut.to || cut.to <= cut.from {
		return err
	}
	return a.drop(file, cut, keep)
}

// span is a part of a log.
type span struct{ from, to int64 }

// dropped is what to drop of a log of some size so that at most keep bytes and
// the block with the marker are left. Its end moves in steps, so that a log that
// grows slowly is not trimmed at each look.
func dropped(size, keep, block int64) span {
	step := max(block, keep/16/block*block)
	tail := size - (keep - keep/4)
	return span{from: keep / 4 / block * block, to: min((tail+step-1)/step*step, size/block*block)}
}

func blockOf(info fs.FileInfo) int64 {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return max(leastBlock, stat.Blksize)
	}
	return leastBlock
}

// drop notes the gap before it makes it: a reader must not take zeroes for
// output. The marker stands in the first block, which stays.
func (a *Attempt) drop(file *os.File, cut span, keep int64) error {
	marker := fmt.Sprintf("\n[capri: bytes %d-%d of this log were dropped to keep it below %s]\n", cut.from, cut.to-1, inUnits(keep))
	hole := span{from: cut.from + leastBlock, to: cut.to}
	if hole.to <= hole.from {
		return nil
	}
	if !canPunch(file, hole.to) {
		return nil
	}
	if err := a.noteGap(cut.from+int64(len(marker)), cut.to); err != nil {
		return err
	}
	if _, err := file.WriteAt([]byte(marker), cut.from); err != nil {
		return fmt.Errorf("mark gap in log: %w", err)
	}
	if err := syscall.Fallocate(int(file.Fd()), punchHole|keepLength, hole.from, hole.to-hole.from); err != nil {
		return fmt.Errorf("drop the middle of log: %w", err)
	}
	return nil
}

// canPunch asks the file system, far behind the end of the file.
func canPunch(file *os.File, size int64) bool {
	const far = 1 << 40
	err := syscall.Fallocate(int(file.Fd()), punchHole|keepLength, (size+far)/leastBlock*leastBlock, leastBlock)
	return err == nil
}

func (a *Attempt) noteGap(from, to int64) error {
	name := a.dir + "/" + gapName
	if err := a.root.WriteFile(name+".tmp", fmt.Appendf(nil, "%d %d\n", from, to), 0o600); err != nil {
		return fmt.Errorf("note gap in log: %w", err)
	}
	if err := a.root.Rename(name+".tmp", name); err != nil {
		return fmt.Errorf("note gap in log: %w", err)
	}
	return nil
}

func inUnits(n int64) string {
	switch {
	case n >= 1<<30 && n%(1<<30) == 0:
		return fmt.Sprintf("%d GiB", n>>30)
	case n >= 1<<20:
		return fmt.Sprintf("%d MiB", n>>20)
	default:
		return fmt.Sprintf("%d KiB", n>>10)
	}
}
