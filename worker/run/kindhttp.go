package run

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"unicode/utf8"

	"capricornus/common/wire"
	"capricornus/worker/httpcall"
)

// HTTP is how a worker makes the calls of http tasks.
type HTTP struct {
	Command []string // makes the call that the file named after it describes
	Hosts   []string // where calls may go
}

// httpKind runs the worker's own program, which makes the call and ends with a
// code like any script. The call goes into the place of the script; the answer
// comes into a file that is there before.
func httpKind(j job) (app, error) {
	if j.spec.HTTP == nil {
		return app{}, errors.New("the task has no call to make")
	}
	if len(j.http.Command) == 0 {
		return app{}, errors.New("this worker makes no calls: it has no command for that")
	}
	if err := j.who.canExecute(j.http.Command[0]); err != nil {
		return app{}, err
	}
	request, err := json.Marshal(httpcall.Request{Call: *j.spec.HTTP, Hosts: j.http.Hosts})
	if err != nil {
		return app{}, fmt.Errorf("encode the call: %w", err)
	}
	args := append(slices.Clone(j.http.Command), j.script)
	return app{text: appText(callArguments, j.fileLimit), args: args, script: request, filled: []string{httpcall.AnswerName}}, nil
}

// canExecute says whether an account may execute a program, by the permissions
// of the file and of every directory above it.
func (a *account) canExecute(program string) error {
	if a == nil {
		return nil
	}
	for name := program; ; name = filepath.Dir(name) {
		info, err := os.Stat(name)
		if err != nil {
			return fmt.Errorf("look at the program that makes calls: %w", err)
		}
		if !a.maySearch(info) {
			return fmt.Errorf("the account %q may not execute %s, which makes the calls of http tasks: %s is closed to it (chmod o+x, or put the program elsewhere)", a.name, program, name)
		}
		if name == filepath.Dir(name) {
			return nil
		}
	}
}

// maySearch reports whether the account may execute a file or go through a
// directory. Its one group counts; others it does not have.
func (a *account) maySearch(info fs.FileInfo) bool {
	owner, known := info.Sys().(*syscall.Stat_t)
	switch mode := info.Mode().Perm(); {
	case !known:
		return true
	case owner.Uid == a.uid:
		return mode&0o100 != 0
	case owner.Gid == a.gid:
		return mode&0o010 != 0
	default:
		return mode&0o001 != 0
	}
}

// answerOf is what an attempt of an http task was answered, if it was.
func answerOf(dir Dir, spec Spec) string {
	if spec.Type != "http" {
		return ""
	}
	text, err := dir.Read(httpcall.AnswerName, httpcall.AnswerLimit)
	if err != nil || !utf8.Valid(text) || !json.Valid(text) {
		return "" // killed while it wrote, or before
	}
	return string(text)
}

// callReason is why an attempt ended as it did: for a call that failed, also
// what the call says in its last line.
func callReason(spec Spec, fact wire.Fact) string {
	if spec.Type != "http" || fact.Reason != "" || fact.TimedOut || fact.Killed || spec.Success == SuccessByOutput {
		return fact.Reason
	}
	if fact.ExitCode == nil || *fact.ExitCode != httpcall.ExitUnwanted && *fact.ExitCode != httpcall.ExitNoAnswer {
		return ""
	}
	line := strings.TrimRight(fact.Tail, "\n")
	line = line[strings.LastIndexByte(line, '\n')+1:]
	why, said := strings.CutPrefix(line, httpcall.Failed)
	if !said {
		return ""
	}
	return fmt.Sprintf("exit code %d: %s", *fact.ExitCode, why)
}
