package job

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"capricornus/common/fault"
)

// Limits of a file with jobs.
const (
	maxFile = 4 << 20
	maxJobs = 5000
)

// ParseTOML reads the [[jobs]] of a file. Tables for other programs may stand
// beside them; an unknown key of a job is an error, since it would do nothing.
func ParseTOML(file string, text []byte) ([]Job, error) {
	if len(text) > maxFile {
		return nil, fault.New(fault.TooLarge, "%s has %d bytes; a file with jobs has at most %d", file, len(text), maxFile)
	}
	var found struct {
		Jobs []Job `toml:"jobs"`
	}
	decoder := toml.NewDecoder(bytes.NewReader(text)).DisallowUnknownFields()
	if err := tomlError(file, decoder.Decode(&found)); err != nil {
		return nil, err
	}
	if len(found.Jobs) == 0 {
		return nil, fault.New(fault.Invalid, "%s has no jobs; write [[jobs]] before each", file)
	}
	if len(found.Jobs) > maxJobs {
		return nil, fault.New(fault.TooLarge, "%s has %d jobs; write at most %d into one file", file, len(found.Jobs), maxJobs)
	}
	return found.Jobs, checkAll(file, found.Jobs)
}

// tomlError says where a file is wrong; unknown keys outside of the jobs are
// another program's.
func tomlError(file string, err error) error {
	if err == nil {
		return nil
	}
	if unknown, ok := errors.AsType[*toml.StrictMissingError](err); ok {
		for i := range unknown.Errors {
			at := &unknown.Errors[i]
			if key := at.Key(); len(key) > 1 && key[0] == "jobs" {
				line, _ := at.Position()
				return fault.New(fault.Invalid, "%s:%d: a job has no key %s", file, line, strings.Join(key[1:], ".")).
					WithHint("there are: name, expr, command.type, command.method, command.target")
			}
		}
		return nil
	}
	if at, ok := errors.AsType[*toml.DecodeError](err); ok {
		line, _ := at.Position()
		return fault.Wrap(fault.Invalid, err, "%s:%d: %s", file, line, strings.TrimPrefix(at.Error(), "toml: "))
	}
	return fault.Wrap(fault.Invalid, err, "%s is not TOML: %v", file, err)
}

// checkAll finds everything that is wrong with the jobs of one file.
func checkAll(file string, jobs []Job) error {
	var wrong []string
	seen := map[string]int{}
	for i, j := range jobs {
		name := TaskName(j.Name)
		if first, twice := seen[name]; twice {
			wrong = append(wrong, fmt.Sprintf("job %d has the name of job %d, %q", i+1, first+1, j.Name))
			continue
		}
		seen[name] = i
		if _, err := Define(j, Ask{Source: File, Owner: "admin"}); err != nil {
			wrong = append(wrong, fmt.Sprintf("job %d: %s", i+1, err))
		}
	}
	if len(wrong) == 0 {
		return nil
	}
	return fault.New(fault.Invalid, "%s: %s", file, strings.Join(wrong, "; "))
}

// ParseRow reads a row of capri_job. The command is JSON like that of a call,
// {"type":"http","target":"http://…"}, or simply the shell's.
func ParseRow(name, expr, command string) (Job, error) {
	j := Job{Name: name, Expr: expr}
	text := strings.TrimSpace(command)
	if !strings.HasPrefix(text, "{") {
		j.Command = Command{Type: KindShell, Target: command}
		return j, nil
	}
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(&j.Command)
	if err == nil && decoder.More() {
		err = errors.New("it goes on after its JSON value")
	}
	if err != nil {
		return j, wrong(j, `command is neither a command of the shell nor JSON like {"type":"shell","target":"echo hello"}: `+strings.TrimPrefix(err.Error(), "json: "))
	}
	return j, nil
}
