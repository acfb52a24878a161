package config

import (
	"fmt"
	"strings"

	"capricornus/common/fault"
)

// Problem is one thing wrong with a configuration.
type Problem struct {
	Path string // the key, empty when it is about the file as a whole
	Text string // what is wrong and what would be right
	From string // file:line, environment variable, flag; empty for a default
}

// String writes the problem as one line.
func (p Problem) String() string {
	parts := make([]string, 0, 3)
	for _, part := range []string{p.From, p.Path, p.Text} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ": ")
}

// InvalidError is all things wrong with a configuration.
type InvalidError []Problem

// Error writes one problem a line.
func (p InvalidError) Error() string {
	lines := make([]string, len(p))
	for i, problem := range p {
		lines[i] = problem.String()
	}
	return strings.Join(lines, "\n")
}

func (p *InvalidError) add(path, format string, args ...any) {
	*p = append(*p, Problem{Path: path, Text: fmt.Sprintf(format, args...)})
}

// check adds a problem unless there is none.
func (p *InvalidError) check(path string, err error) {
	if err != nil {
		p.add(path, "%s", err)
	}
}

// err returns the problems as an error, nil when there are none.
func (p InvalidError) err() error {
	if len(p) == 0 {
		return nil
	}
	return p
}

// asFault makes the problems fit to be shown: one alone as it is, several
// under a line that counts them.
func (p InvalidError) asFault() error {
	switch len(p) {
	case 0:
		return nil
	case 1:
		return fault.Wrap(fault.Invalid, p, "%s", p[0])
	}
	text := strings.ReplaceAll(p.Error(), "\n", "\n  ")
	return fault.New(fault.Invalid, "the configuration has %d problems:\n  %s", len(p), text)
}
