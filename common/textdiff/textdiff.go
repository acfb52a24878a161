// Package textdiff compares two texts line by line and writes what differs as
// diff -u does. It is pure.
package textdiff

import (
	"fmt"
	"slices"
	"strings"
)

const (
	context  = 3    // lines of the same text around a change
	furthest = 1000 // lines put in and taken out, from which the texts are shown as two different ones
)

// Unified is the difference from one text to the other, empty when there is
// none. The names stand in its first two lines.
func Unified(fromName, toName, from, to string) string {
	if from == to {
		return ""
	}
	edits := compare(lines(from), lines(to))
	var b strings.Builder
	fmt.Fprintf(&b, "--- %s\n+++ %s\n", fromName, toName)
	for _, h := range hunks(edits) {
		h.write(&b)
	}
	return b.String()
}

// lines cuts a text after its line ends; a last line without one says so.
func lines(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		if body, ended := strings.CutSuffix(line, "\n"); ended {
			out = append(out, body)
			continue
		}
		out = append(out, line+"\n\\ No newline at end of file")
	}
	return out
}

// The kinds of edits.
const (
	same    = ' '
	removed = '-'
	added   = '+'
)

// edit is one line of either text or both.
type edit struct {
	kind rune
	text string
}

// compare lists the lines of both texts, what they share once.
func compare(from, to []string) []edit {
	before, after := 0, 0
	for before < min(len(from), len(to)) && from[before] == to[before] {
		before++
	}
	for after < min(len(from), len(to))-before && from[len(from)-1-after] == to[len(to)-1-after] {
		after++
	}
	out := marked(same, from[:before])
	out = append(out, middle(from[before:len(from)-after], to[before:len(to)-after])...)
	return append(out, marked(same, from[len(from)-after:])...)
}

func marked(kind rune, all []string) []edit {
	out := make([]edit, len(all))
	for i, text := range all {
		out[i] = edit{kind, text}
	}
	return out
}

// middle finds the shortest way from one list of lines to the other by Myers'
// greedy walk: reached[k] is how far into from the walk has come on diagonal k
// after d edits.
func middle(from, to []string) []edit {
	n, m := len(from), len(to)
	most := min(n+m, furthest)
	reached := make([]int, 2*most+3)
	at := func(k int) *int { return &reached[k+most+1] }
	var walked [][]int // of each d, the part of reached that counted before it
	for d := 0; d <= most; d++ {
		walked = append(walked, slices.Clone(reached[most+1-d:most+2+d]))
		for k := -d; k <= d; k += 2 {
			x := *at(k - 1) + 1
			if k == -d || k != d && *at(k - 1) < *at(k + 1) {
				x = *at(k + 1)
			}
			for x < n && x-k < m && from[x] == to[x-k] {
				x++
			}
			*at(k) = x
			if x >= n && x-k >= m {
				return back(from, to, walked)
			}
		}
	}
	return append(marked(removed, from), marked(added, to)...)
}

// back goes the way that was found from its end and lists its edits.
func back(from, to []string, walked [][]int) []edit {
	x, y := len(from), len(to)
	var out []edit
	for d := len(walked) - 1; d > 0; d-- {
		at := func(k int) int { return walked[d][k+d] }
		k := x - y
		down := k == -d || k != d && at(k-1) < at(k+1)
		before := k - 1 // the diagonal before
		if down {
			before = k + 1
		}
		wasX := at(before)
		if !down {
			wasX++
		}
		for x > wasX {
			x, y = x-1, y-1
			out = append(out, edit{same, from[x]})
		}
		if down {
			y--
			out = append(out, edit{added, to[y]})
			continue
		}
		x--
		out = append(out, edit{removed, from[x]})
	}
	for x > 0 {
		x--
		out = append(out, edit{same, from[x]})
	}
	slices.Reverse(out)
	return out
}

// hunk is a run of edits with the lines around them.
type hunk struct {
	edits    []edit
	from, to int // lines of either text before it
}

// hunks cuts out what changed, with a few lines around it; changes that are near
// one another stand together.
func hunks(edits []edit) []hunk {
	var out []hunk
	from, to, end := 0, 0, 0 // end: of the last hunk, as an index of edits
	for i, e := range edits {
		if e.kind != same && i >= end {
			begin := max(end, i-context)
			end = reach(edits, i)
			out = append(out, hunk{edits: edits[begin:end], from: from - (i - begin), to: to - (i - begin)})
		}
		if e.kind != added {
			from++
		}
		if e.kind != removed {
			to++
		}
	}
	return out
}

// reach is where the hunk ends whose first change is given: where more lines are
// the same than two contexts hold, or with the text.
func reach(edits []edit, i int) int {
	last := i
	for j := i; j < len(edits) && j <= last+2*context; j++ {
		if edits[j].kind != same {
			last = j
		}
	}
	return min(len(edits), last+context+1)
}

func (h hunk) write(b *strings.Builder) {
	from, to := 0, 0
	for _, e := range h.edits {
		if e.kind != added {
			from++
		}
		if e.kind != removed {
			to++
		}
	}
	fmt.Fprintf(b, "@@ -%s +%s @@\n", span(h.from, from), span(h.to, to))
	for _, e := range h.edits {
		b.WriteRune(e.kind)
		b.WriteString(e.text)
		b.WriteByte('\n')
	}
}

// span is a hunk's place in one text, as diff -u writes it.
func span(before, n int) string {
	switch n {
	case 0:
		return fmt.Sprintf("%d,0", before)
	case 1:
		return fmt.Sprint(before + 1)
	}
	return fmt.Sprintf("%d,%d", before+1, n)
}
