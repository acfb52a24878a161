package task

import "slices"

// Limits of dependencies.
const (
	maxRange     = 1000   // periods in one window: more than the hours of a month
	maxLookBack  = 10_000 // periods
	maxPathBytes = 1000
	maxPerTask   = 1000 // parents, inputs, outputs, third parties
)

// parents checks the windows as far as the task alone tells.
func (c checker) parents() {
	seen := map[Edge]bool{}
	for i, p := range c.doc.Task.Spec.Parents {
		at := path("spec", "parents", i)
		if more := ways(p); more > 1 {
			c.errorf(at, CodeWindow, "offset, range and last are alternatives; %s has %d of them, keep one", quoted(p.Task), more)
			continue
		}
		w := p.Window()
		c.window(at, w)
		e := Edge{Parent: p.Task, Window: w}
		if seen[e] {
			c.errorf(at, CodeDuplicate, "the parent %s is listed twice with the same window (%s); keep one", p.Task, w)
		}
		seen[e] = true
	}
	c.atMost("parents", len(c.doc.Task.Spec.Parents))
}

func ways(p Parent) int {
	n := 0
	for _, set := range []bool{p.Offset != nil, p.Range != nil, p.Last} {
		if set {
			n++
		}
	}
	return n
}

func (c checker) window(at []any, w Window) {
	if !w.Explicit {
		return
	}
	switch {
	case w.From > w.To:
		c.errorf(at, CodeWindow, "range [%d, %d] is empty: its first number must not be larger than its second, as in [-7, -1]", w.From, w.To)
	case w.To > 0:
		c.errorf(at, CodeWindow, "%s looks into the future, which can never be waited for; 0 is the parent's latest period, -1 the one before", w)
	case w.From < -maxLookBack:
		c.errorf(at, CodeWindow, "%s looks back more than %d periods", w, maxLookBack)
	case w.To-w.From >= maxRange:
		c.errorf(at, CodeWindow, "%s has more than %d periods; depend on a coarser task", w, maxRange)
	}
}

// parent checks a window against the parent's definition.
func (c checker) parent(i int, parent *Task) {
	at := path("spec", "parents", i)
	p := c.doc.Task.Spec.Parents[i]
	if parent.Spec.Period == "manual" && !p.Last {
		c.errorf(at, CodeWindow, "%s is a manual task, which has no periods to wait for; write last: true to wait for its newest batch", p.Task)
		return
	}
	if p.Last {
		return
	}
	if !parent.Spec.Enabled && c.doc.Task.Spec.Enabled && p.Task != c.doc.Name() {
		c.warnf(at, CodeDisabled, "the parent %s is disabled: batches wait for it until it is enabled", p.Task)
	}
	c.overlap(at, parent)
}

// overlap warns of a parent that has no batches while the child has.
func (c checker) overlap(at []any, parent *Task) {
	mine, theirs := c.doc.Task.Spec.Valid, parent.Spec.Valid
	from, to, err := mine.Bounds(zone())
	if err != nil {
		return // has its own finding
	}
	parentFrom, parentTo, err := theirs.Bounds(zone())
	if err != nil {
		return
	}
	if !parentTo.IsZero() && !from.IsZero() && !parentTo.After(from) {
		c.warnf(at, CodeWindow, "the parent %s is valid until %s, before this task begins (%s): it never has a batch to wait for",
			parent.Metadata.Name, theirs.To, mine.From)
	}
	if !parentFrom.IsZero() && !to.IsZero() && !parentFrom.Before(to) {
		c.warnf(at, CodeWindow, "the parent %s is valid from %s, after this task ends (%s): it never has a batch to wait for",
			parent.Metadata.Name, theirs.From, mine.To)
	}
}

// others checks third parties and receivers.
func (c checker) others() {
	s := c.doc.Task.Spec
	seen := map[ThirdParty]bool{}
	for i, t := range s.ThirdParties {
		at := path("spec", "thirdParties", i)
		if !isCode(t.Code) {
			c.errorf(at, CodeBadName, "the third party's code %s must be 1 to 100 letters, digits, dots, dashes or underscores", quoted(t.Code))
		}
		if t.Key == "" {
			c.errorf(at, CodeBadValue, "the third party's key is empty; write what it announces, for example \"{{ biz_date }}\"")
		}
		c.macros(append(at, "key"), "the key", t.Key)
		if seen[t] {
			c.errorf(at, CodeDuplicate, "the third party %s with this key is listed twice; keep one", quoted(t.Code))
		}
		seen[t] = true
	}
	c.atMost("thirdParties", len(s.ThirdParties))
	c.receivers(path("spec", "alerts", "phone", "to"), s.Alerts.Phone.To)
	c.receivers(path("spec", "alerts", "sms"), s.Alerts.SMS)
	c.receivers(path("spec", "alerts", "mail"), s.Alerts.Mail)
	if s.Alerts.Phone.Enabled && len(s.Alerts.Phone.To) == 0 {
		c.warnf(path("spec", "alerts", "phone"), CodeSuspicious, "phone alerts are on, but nobody is called; list receivers in alerts.phone.to")
	}
}

func (c checker) receivers(at []any, list []string) {
	for i, r := range list {
		if !isWord(r, 200) {
			c.errorf(append(slices.Clone(at), i), CodeBadValue, "the receiver %s must be a user, an address or a number, without blanks", quoted(r))
		}
	}
}

func (c checker) atMost(key string, n int) {
	if n > maxPerTask {
		c.errorf(path("spec", key), CodeTooLarge, "spec.%s has %d entries, at most %d are allowed", key, n, maxPerTask)
	}
}
