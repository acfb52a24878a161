package task

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// Limits of a definition. They are wide: they catch slips of the pen.
const (
	maxNameBytes   = 100
	maxTitleBytes  = 300
	maxRunning     = 1000
	maxRetries     = 100
	maxRunTime     = 31 * 24 * time.Hour
	maxMemory      = Bytes(16) << 40
	maxBackoff     = 10
	maxScriptBytes = 512 << 10
)

func (c checker) schedule() {
	s := c.doc.Task.Spec
	switch {
	case s.Period == "cron" && s.Cron == "":
		c.errorf(path("spec", "period"), CodePeriod, "a cron task needs spec.cron, for example cron: \"*/5 * * * *\"")
	case s.Period != "cron" && s.Cron != "":
		c.errorf(path("spec", "cron"), CodePeriod, "spec.cron goes with period: cron, not with period: %s; change one of them", s.Period)
	default:
		if _, err := c.doc.Task.Cycle(zone()); err != nil {
			c.errorf(path("spec", "cron"), CodePeriod, "%v", err)
		}
	}
	if s.Calendar != "" {
		c.calendar(s.Calendar)
	}
	from, to, err := s.Valid.Bounds(zone())
	if err != nil {
		c.errorf(path("spec", "valid"), CodeBadValue, "%v", err)
	} else if !from.IsZero() && !to.IsZero() && !from.Before(to) {
		c.errorf(path("spec", "valid"), CodeBadValue, "valid.from %s is not before valid.to %s", s.Valid.From, s.Valid.To)
	}
	c.timeouts()
}

// calendar checks the name that a task keeps for the calendars there are none of.
func (c checker) calendar(name string) {
	at := path("spec", "calendar")
	c.name(at, "a calendar's name", name)
	if IsName(name) {
		c.warnf(at, CodeUnsupported, "the calendar %s is kept, but has no effect yet: this version makes batches on every day, holidays too", name)
	}
}

func (c checker) timeouts() {
	s := c.doc.Task.Spec
	t := s.Timeouts
	if t.Output.Set && s.Earliest.Set && t.Output.Minutes <= s.Earliest.Minutes {
		c.warnf(path("spec", "timeouts", "output"), CodeSuspicious,
			"the output timeout %s is not after the earliest start %s: every batch would be late", t.Output.Text, s.Earliest.Text)
	}
	if t.Output.Set && t.Depend.Set && t.Output.Minutes < t.Depend.Minutes {
		c.warnf(path("spec", "timeouts", "output"), CodeSuspicious,
			"the output timeout %s is before the dependency timeout %s", t.Output.Text, t.Depend.Text)
	}
	run := time.Duration(t.Run)
	if run > maxRunTime || (run > 0 && run < time.Second) {
		c.errorf(path("spec", "timeouts", "run"), CodeBadValue, "timeouts.run is %s; it must be from 1s to %s", t.Run, Duration(maxRunTime))
	}
}

func (c checker) numbers() {
	s := c.doc.Task.Spec
	c.between(path("spec", "priority"), s.Priority, 0, 9)
	c.between(path("spec", "maxRunning"), s.MaxRunning, 1, maxRunning)
	c.between(path("spec", "expectSeconds"), s.ExpectSecs, 0, int(maxRunTime/time.Second))
	c.between(path("spec", "retry", "times"), s.Retry.Times, 0, maxRetries)
	for i, code := range s.Retry.ExitCodes {
		c.between(path("spec", "retry", "exitCodes", i), code, 0, 255)
		if code == 0 && s.Success == "exit-code" {
			c.warnf(path("spec", "retry", "exitCodes", i), CodeSuspicious, "exit code 0 is success and is never retried")
		}
	}
	if interval := time.Duration(s.Retry.Interval); interval > time.Hour {
		c.errorf(path("spec", "retry", "interval"), CodeBadValue, "retry.interval is %s; it must be at most 1h", s.Retry.Interval)
	}
	if s.Retry.Backoff < 1 || s.Retry.Backoff > maxBackoff {
		c.errorf(path("spec", "retry", "backoff"), CodeBadValue, "retry.backoff is %v; it must be from 1 to %d", s.Retry.Backoff, maxBackoff)
	}
	if s.Quality.After <= 0 {
		c.errorf(path("spec", "quality", "after"), CodeBadValue, "quality.after is %s; it must be longer than nothing, for example 30m", s.Quality.After)
	}
}

func (c checker) between(at []any, n, low, high int) {
	if n < low || n > high {
		c.errorf(at, CodeBadValue, "%s is %d; it must be from %d to %d", keyOf(at), n, low, high)
	}
}

// keyOf writes the map keys of a path, without the leading spec.
func keyOf(at []any) string {
	var words []string
	for _, step := range at[1:] {
		if word, ok := step.(string); ok {
			words = append(words, word)
		}
	}
	return strings.Join(words, ".")
}

func (c checker) placement() {
	s := c.doc.Task.Spec
	if s.Account == "root" {
		c.errorf(path("spec", "account"), CodeBadName, "nothing runs as root; name an execution account")
	} else if s.Account != "" && !isAccount(s.Account) {
		c.errorf(path("spec", "account"), CodeBadName, "the account %s is no user name of the system: small letters, digits, - and _, at most 32", quoted(s.Account))
	}
	if !isCode(s.Workers.Group) {
		c.errorf(path("spec", "workers", "group"), CodeBadName, "the worker group %s must be 1 to 100 letters, digits, dots, dashes or underscores", quoted(s.Workers.Group))
	}
	c.labels(path("spec", "workers", "labels"), s.Workers.Labels)
	if s.Workers.Memory > maxMemory {
		c.errorf(path("spec", "workers", "memory"), CodeBadValue, "workers.memory is %s; it must be at most %s", s.Workers.Memory, maxMemory)
	}
}

func (c checker) run() {
	s := c.doc.Task.Spec
	r := s.Run
	at := path("spec", "run")
	switch r.Type {
	case "http":
		c.httpRun()
	case "exec":
		if len(r.Command) == 0 || r.Command[0] == "" {
			c.errorf(at, CodeRun, "an exec task needs run.command: the program and its arguments, as a list")
		}
		if r.Script != "" {
			c.errorf(append(at, "script"), CodeRun, "an exec task runs run.command; run.script goes with shell and python")
		}
	default:
		if strings.TrimSpace(r.Script) == "" {
			c.errorf(at, CodeRun, "a %s task needs run.script", r.Type)
		}
		if len(r.Command) > 0 {
			c.errorf(append(at, "command"), CodeRun, "a %s task runs run.script; run.command goes with exec", r.Type)
		}
	}
	if r.Type != "http" && r.HTTP != nil {
		c.errorf(append(at, "http"), CodeRun, "a %s task has no run.http; that goes with type: http", r.Type)
	}
	if len(r.Script) > maxScriptBytes {
		c.errorf(append(at, "script"), CodeTooLarge, "run.script has %d bytes, at most %d are allowed; ship it as a program", len(r.Script), maxScriptBytes)
	}
	if s.Success == "output-path" && len(s.Outputs) == 0 {
		c.errorf(path("spec", "success"), CodeRun, "success: output-path needs at least one output to look at")
	}
	c.macros(append(at, "script"), "run.script", r.Script)
	for i, arg := range r.Command {
		c.macros(append(path(at...), "command", i), "run.command", arg)
	}
	c.env()
}

func (c checker) env() {
	env := c.doc.Task.Spec.Env
	for _, name := range slices.Sorted(maps.Keys(env)) {
		at := path("spec", "env", name)
		if !isEnvName(name) {
			c.errorf(at, CodeBadName, "%s is no name of an environment variable: letters, digits and underscores, not beginning with a digit", quoted(name))
		}
		if strings.HasPrefix(name, "CAPRI_") {
			c.errorf(at, CodeBadName, "names that begin with CAPRI_ are set by Capricornus; call %s something else", quoted(name))
		}
		c.macros(at, "the variable "+quoted(name), env[name])
	}
}
