package cli

import (
	"context"

	"capricornus/common/fault"
	"capricornus/common/logtext"
	"capricornus/common/wire"
)

// search prints the lines of a log in which something is found, as they come.
func (r *logReader) search(ctx context.Context, s wire.LogSearch) error {
	pattern, err := logtext.Compile(s.Text, logtext.How{Regexp: s.Regexp, IgnoreCase: s.IgnoreCase})
	if err != nil {
		return err
	}
	all := wire.LogMatches{Items: []wire.LogMatch{}}
	lines := r.app.flags.output == formatTable
	for count := 0; ; {
		found, err := r.client.SearchLog(ctx, r.ref, s)
		if err != nil {
			return err
		}
		r.tellKept(found.Attempt, &wire.LogPart{Host: found.Host, Size: found.Size, Kept: found.Partial != "", From: found.From})
		count += len(found.Items)
		if lines {
			r.printMatches(pattern, found.Items)
		} else {
			found.Items = append(all.Items, found.Items...)
			all = found
		}
		if found.Complete && lines && count == 0 {
			r.app.say("nothing found in attempt %d of %s", found.Attempt, r.ref)
		}
		if found.Complete {
			return r.app.show(all, namesOf(all.Items, func(m wire.LogMatch) string { return m.Line }), func() {})
		}
		if found.Next <= s.From {
			return fault.New(fault.Unavailable, "the search of %s does not get on from byte %d", r.ref, s.From)
		}
		s.From, s.Attempt = found.Next, found.Attempt
	}
}

func (r *logReader) printMatches(pattern *logtext.Pattern, items []wire.LogMatch) {
	for _, m := range items {
		line := printable(m.Line)
		if start, end := pattern.Find(line); start >= 0 {
			line = line[:start] + r.app.paint(red, line[start:end]) + line[end:]
		}
		r.app.print("%d: %s", m.Offset, line)
	}
}
