package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"capricornus/common/batch"
	"capricornus/common/wire"
)

func batchWhyCommand(a *app) *cobra.Command {
	var lang string
	cmd := &cobra.Command{
		Use: "why BATCH", Short: "Explain why a batch is not running, or where its time went", Args: arguments(1, 1),
		Example: "  capri batch why dwd_access_d/20150518",
		Long: `Shows every gate of a batch in the scheduler's own order: ✓ open, ✗ in the way, · not
looked at. Each gate in the way says since when, by what evidence, and what would help.
Root causes are found by following parents that are not successful, and missing paths to
the batches that make them. For a batch that runs or has ended: where its time went, which
attempts it had, and who ended it. For a work number without a batch: why there is none.

--lang zh says it in Chinese, which is the default when LC_ALL, LC_MESSAGES or LANG is zh….`,
		RunE: a.callRef(func(ctx context.Context, c *wire.Client, ref batch.Ref) error {
			why, err := c.WhyIn(ctx, ref, a.language(lang))
			if err != nil {
				return err
			}
			names := namesOf(why.Roots, func(r wire.WhyRoot) string { return r.Batch })
			return a.show(why, names, func() { a.explain(a.clock(ctx, c), why) })
		}),
	}
	cmd.Flags().StringVar(&lang, "lang", "", "`en|zh`: the language of sentences")
	return cmd
}

// language is the one asked for, else the environment's if it is one of ours.
func (a *app) language(asked string) string {
	if asked != "" {
		return asked
	}
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if value := a.env(name); value != "" {
			if strings.HasPrefix(value, "zh") {
				return "zh"
			}
			return ""
		}
	}
	return ""
}

// explain prints the sentence first, then what it stands on.
func (a *app) explain(k clock, why wire.Why) {
	a.print("%s  %s", a.paint(bold, oneLine(why.Batch)), oneLine(why.Summary))
	a.print("%s", a.paint(grey, "as of "+k.full(why.AsOf)))
	for _, fact := range why.Facts {
		a.print("  %s", oneLine(fact))
	}
	a.timeouts(k, why)
	if len(why.Gates) > 0 {
		a.print("")
		a.gates(k, why)
	}
	a.roots(k, why)
	took := "took"
	if why.Verdict == "running" {
		took = "so far"
	}
	a.spent(took, why.Spent)
}

func (a *app) gates(k clock, why wire.Why) {
	width := 0
	for _, gate := range why.Gates {
		width = max(width, len(gate.Code))
	}
	indent := strings.Repeat(" ", width+6)
	for _, gate := range why.Gates {
		mark, tint := gateMark(gate.State)
		code := a.paint(grey, fmt.Sprintf("%-*s", width, oneLine(gate.Code)))
		sentence := oneLine(gate.Sentence)
		if gate.State != "unmet" {
			sentence = a.paint(grey, sentence)
		}
		a.print("  %s %s  %s", a.paint(tint, mark), code, sentence)
		for _, line := range gateLines(k, gate, why.AsOf) {
			a.print("%s%s", indent, a.paint(grey, line))
		}
		for _, fact := range gate.Evidence {
			a.print("%s  %s", indent, oneLine(fact))
		}
		if gate.Help != "" {
			a.print("%s%s %s", indent, a.paint(cyan, "→"), oneLine(gate.Help))
		}
	}
}

func gateMark(state string) (string, color) {
	switch state {
	case "met":
		return "✓", green
	case "unmet":
		return "✗", red
	}
	return "·", grey
}

// gateLines says since when a gate is in the way and how fresh that is.
func gateLines(k clock, gate wire.WhyGate, asOf int64) []string {
	if gate.State != "unmet" || gate.Since == 0 {
		return nil
	}
	line := fmt.Sprintf("since %s (%s)", k.at(gate.Since), between(gate.Since, asOf))
	if gate.CheckedAt > 0 {
		line += fmt.Sprintf(", checked %s ago", between(gate.CheckedAt, asOf))
	}
	if gate.CheckedAt > 0 && gate.CheckedBy != "" {
		line += " by " + oneLine(gate.CheckedBy)
	}
	return []string{line}
}

func between(from, to int64) string {
	return span(time.Duration(max(0, to-from)) * time.Millisecond)
}

func (a *app) roots(k clock, why wire.Why) {
	if len(why.Roots) == 0 {
		return
	}
	a.print("")
	a.print("%s", a.paint(bold, plural(len(why.Roots), "root cause")))
	for _, root := range why.Roots {
		a.print("  %s %s  %s", a.paint(red, "✗"), a.paint(bold, oneLine(root.Batch)), oneLine(root.Sentence))
		since := ""
		if root.Since > 0 {
			since = fmt.Sprintf(" since %s (%s)", k.at(root.Since), between(root.Since, why.AsOf))
		}
		a.print("      %s", a.paint(grey, oneLine(root.Code)+since))
	}
	if why.Cut {
		a.print("  %s", a.paint(grey, "there is more: the walk to the roots met its limits"))
	}
}

// timeouts says which deadlines the batch has, and which have passed.
func (a *app) timeouts(k clock, why wire.Why) {
	for _, t := range why.Timeouts {
		label := oneLine(firstText(t.Label, t.Kind))
		switch {
		case t.PassedAt > 0:
			a.print("  %s", a.paint(red, fmt.Sprintf("%s passed: due %s, marked %s", label, k.at(t.DueAt), k.at(t.PassedAt))))
		case t.DueAt > why.AsOf:
			a.print("  %s", a.paint(grey, fmt.Sprintf("%s at %s (in %s)", label, k.at(t.DueAt), between(why.AsOf, t.DueAt))))
		default:
			a.print("  %s", a.paint(grey, fmt.Sprintf("%s at %s", label, k.at(t.DueAt))))
		}
	}
}

func firstText(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// spent draws where the time of a batch went, each phase where it passed: what
// was waited for at the same time stands one under the other.
func (a *app) spent(took string, phases []wire.WhySpent) {
	const columns = 40
	var total int64
	width := 0
	for _, p := range phases {
		total = max(total, p.From+p.Millis)
		width = max(width, len(firstText(p.Label, p.Phase)))
	}
	if total == 0 {
		return
	}
	a.print("")
	a.print("%s %s", a.paint(bold, took), span(time.Duration(total)*time.Millisecond))
	for _, p := range phases {
		from, to := p.From*columns/total, (p.From+p.Millis)*columns/total
		bar := ""
		if p.Millis > 0 {
			bar = strings.Repeat(" ", int(min(from, columns-1))) + strings.Repeat("█", int(max(1, to-from)))
		}
		line := fmt.Sprintf("  %-*s  %7s  %s", width, oneLine(firstText(p.Label, p.Phase)), span(time.Duration(p.Millis)*time.Millisecond), a.paint(blue, bar))
		a.print("%s", strings.TrimRight(line, " "))
	}
}

// whyHint is the command that explains a batch.
func whyHint(ref batch.Ref) string { return "capri batch why " + ref.String() }
