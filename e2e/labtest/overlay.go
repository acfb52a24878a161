package labtest

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Edit is a change of a source file for one build, which the tree does not see.
type Edit struct {
	File string // from the module's root, or from GOROOT/src when it starts with std/
	Old  string // occurs exactly once; empty: File is new
	New  string
}

// BuildEdited is Build with changes: with a bug that a test must find, or with a
// clock that can be set. Changes of the standard library build everything again,
// which takes a minute the first time.
func BuildEdited(ctx context.Context, dir string, edits ...Edit) (binary string, err error) {
	replaced := map[string]string{}
	for i, e := range edits {
		name, err := e.path(ctx)
		if err != nil {
			return "", err
		}
		from := name
		if replaced[name] != "" {
			from = replaced[name] // edited before
		}
		text, err := e.apply(from)
		if err != nil {
			return "", err
		}
		replaced[name] = filepath.Join(dir, fmt.Sprintf("edit%d.go", i))
		if err := os.WriteFile(replaced[name], []byte(text), 0o600); err != nil {
			return "", err
		}
	}
	text, err := json.Marshal(map[string]any{"Replace": replaced})
	if err != nil {
		return "", err
	}
	overlay := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(overlay, text, 0o600); err != nil {
		return "", err
	}
	return Build(ctx, dir, "-overlay", overlay)
}

func (e Edit) path(ctx context.Context) (string, error) {
	name, std := strings.CutPrefix(e.File, "std/")
	if !std {
		return filepath.Join(repository(), e.File), nil
	}
	root, err := exec.CommandContext(ctx, "go", "env", "GOROOT").Output()
	if err != nil {
		return "", fmt.Errorf("find the standard library: %w", err)
	}
	return filepath.Join(strings.TrimSpace(string(root)), "src", name), nil
}

func (e Edit) apply(name string) (string, error) {
	if e.Old == "" {
		return e.New, nil
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return "", err
	}
	if n := strings.Count(string(text), e.Old); n != 1 {
		return "", fmt.Errorf("%s has %d times %q, want it once", e.File, n, e.Old)
	}
	return strings.Replace(string(text), e.Old, e.New, 1), nil
}

// ClockVariable is the variable by which a process of a binary with ClockEdits is
// told how many seconds its clock is wrong.
const ClockVariable = "CAPRI_LAB_CLOCK"

// ClockEdits let the clock of a process be wrong: time.Now of the standard
// library adds ClockVariable to what the machine says. Durations are right.
func ClockEdits() []Edit {
	return []Edit{
		{File: "std/time/time.go", Old: "	sec, nsec, mono := runtimeNow()\n	if mono == 0 {", New: "	sec, nsec, mono := runtimeNow()\n	sec += labOffset\n	if mono == 0 {"},
		{File: "std/time/lab.go", New: `package time

import "syscall"

var labOffset = func() (offset int64) {
	text, _ := syscall.Getenv("` + ClockVariable + `")
	sign := int64(1)
	for _, c := range text {
		if c == '-' {
			sign = -1
			continue
		}
		offset = offset*10 + int64(c-'0')
	}
	return sign * offset
}()
`},
	}
}
