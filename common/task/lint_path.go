package task

import (
	"errors"
	"slices"
	"strings"
	"time"

	"capricornus/common/macro"
	"capricornus/common/period"
)

// paths checks inputs, outputs and the program package.
func (c checker) paths() {
	s := c.doc.Task.Spec
	seen := map[Input]bool{}
	for i, in := range s.Inputs {
		at := path("spec", "inputs", i)
		if t := c.path(append(at, "path"), "the input", in.Path); t != nil && !t.HasDate() && s.Period != "manual" {
			c.warnf(append(at, "path"), CodeNoDate, "the input %s has no date: every batch of this %s task waits for the same path; "+
				"write a macro such as {{ biz_date }}, unless that is meant", quoted(in.Path), s.Period)
		}
		if seen[in] {
			c.errorf(at, CodeDuplicate, "the input %s is listed twice; keep one", quoted(in.Path))
		}
		seen[in] = true
	}
	written := map[string]bool{}
	for i, out := range s.Outputs {
		at := path("spec", "outputs", i)
		if t := c.path(append(at, "path"), "the output", out.Path); t != nil && !t.HasDate() && s.Period != "manual" {
			c.errorf(append(at, "path"), CodeNoDate, "the output %s has no date: every batch of this %s task would write the same path; "+
				"write a macro such as {{ biz_date }}", quoted(out.Path), s.Period)
		}
		if written[out.Path] {
			c.errorf(at, CodeDuplicate, "the output %s is listed twice; keep one", quoted(out.Path))
		}
		written[out.Path] = true
	}
	c.atMost("inputs", len(s.Inputs))
	c.atMost("outputs", len(s.Outputs))
	if s.Program != "" && c.path(path("spec", "program"), "the program", s.Program) != nil && strings.HasSuffix(s.Program, "/") {
		c.errorf(path("spec", "program"), CodePath, "the program %s is a directory; name a file: an archive (tar, tar.gz, zip) or a script", quoted(s.Program))
	}
}

// path checks one path and returns its template, or nil when it is bad.
func (c checker) path(at []any, what, text string) *macro.Template {
	t := c.macros(at, what, text)
	if t == nil {
		return nil
	}
	if problem := pathProblem(text, t.Expand(sample())); problem != "" {
		c.errorf(at, CodePath, "%s %s %s", what, quoted(text), problem)
		return nil
	}
	return t
}

// pathProblem says what is wrong with a path, as written and expanded, or "".
func pathProblem(written, text string) string {
	if len(text) > maxPathBytes {
		return "is too long"
	}
	if strings.ContainsAny(text, "\n\t") {
		return "holds a line break or a tab; remove it"
	}
	rest, local := strings.CutPrefix(text, "file://")
	if !local {
		var remote bool
		if rest, remote = strings.CutPrefix(text, "hdfs://"); !remote {
			return schemeProblem(written)
		}
		if slash := strings.IndexByte(rest, '/'); slash > 0 {
			rest = rest[slash:]
		}
	}
	if !strings.HasPrefix(rest, "/") {
		return "is not absolute; write file:///directory/… or hdfs:///directory/…"
	}
	if strings.Trim(rest, "/") == "" {
		return "names no file or directory"
	}
	if parts := strings.Split(rest, "/"); slices.Contains(parts, "..") || slices.Contains(parts, ".") {
		return "must not contain . or .. as a directory; write the path it means"
	}
	return ""
}

func schemeProblem(text string) string {
	if strings.HasPrefix(text, "/") {
		return "has no scheme; write file://" + text + " or hdfs://" + text
	}
	if scheme, _, found := strings.Cut(text, "://"); found {
		return "has the scheme " + quoted(scheme) + ", which is not supported; it must be file:// or hdfs://"
	}
	return "is relative; write an absolute path with its scheme, file:///… or hdfs:///…"
}

// macros checks the macros of a text and returns its template, or nil.
func (c checker) macros(at []any, what, text string) *macro.Template {
	t, err := macro.Parse(text)
	if err == nil {
		return t
	}
	line, reason := c.doc.line(at...), err.Error()
	if located, ok := errors.AsType[*macro.Error](err); ok {
		line += linesBefore(c.doc.root.at(at...), text, located.Offset)
		reason = located.Message
	}
	c.rep.errorf(line, CodeMacro, "%s has a bad macro: %s", what, reason)
	return nil
}

// linesBefore counts the lines of a block of text above a byte of it.
func linesBefore(n *node, text string, offset int) int {
	if n == nil || !n.block {
		return 0
	}
	return 1 + strings.Count(text[:min(max(offset, 0), len(text))], "\n")
}

// sample is a batch that every template can be expanded for.
func sample() macro.Values {
	start := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	end := start.AddDate(0, 0, 1)
	return macro.Values{
		Slot: period.Slot{WorkNo: "20261121", Base: end.Add(time.Minute), BizStart: start, BizEnd: end},
		Zone: time.UTC, Task: "task", Run: 0, Attempt: 1,
	}
}
