// Package search finds what people type into one field: tasks by name or title,
// batches by reference or work number, workers, operations, projects, users. What
// there is much of is looked through in memory, or found by an index of the
// database, never by reading a table.
package search

import (
	"cmp"
	"slices"
	"strings"

	"capricornus/common/wire"
)

// rank says how well something matches; less is better.
type rank int

const (
	exact rank = iota
	prefix
	word // the beginning of a word of it
	part
	none
)

// String is the rank as it is shown.
func (r rank) String() string {
	switch r {
	case exact:
		return "exact"
	case prefix:
		return "prefix"
	case word, part, none:
	}
	return "part"
}

// entry is one thing that can be found, in lower case.
type entry struct {
	name, title string
	shown       wire.Found
}

func newEntry(shown wire.Found) entry {
	return entry{name: strings.ToLower(shown.Name), title: strings.ToLower(shown.Text), shown: shown}
}

// rankOf compares a text with what is looked for, both in lower case.
func rankOf(text, wanted string) rank {
	at := strings.Index(text, wanted)
	switch {
	case at < 0:
		return none
	case len(text) == len(wanted):
		return exact
	case at == 0:
		return prefix
	}
	for ; at >= 0; at = following(text, wanted, at) {
		if strings.ContainsRune("_-. /", rune(text[at-1])) {
			return word
		}
	}
	return part
}

// following is where wanted comes again after a place, -1 for nowhere.
func following(text, wanted string, at int) int {
	next := strings.Index(text[at+1:], wanted)
	if next < 0 {
		return -1
	}
	return at + 1 + next
}

// find lists the best limit entries; names count before titles.
func find(entries []entry, wanted string, limit int) (found []wire.Found, more bool) {
	wanted = strings.ToLower(strings.TrimSpace(wanted))
	type hit struct {
		order int
		at    int
	}
	var hits []hit
	for i := range entries {
		name, title := rankOf(entries[i].name, wanted), rankOf(entries[i].title, wanted)
		if best := min(2*name, 2*title+1); min(name, title) < none {
			hits = append(hits, hit{order: int(best), at: i})
		}
	}
	slices.SortFunc(hits, func(a, b hit) int {
		x, y := &entries[a.at], &entries[b.at]
		return cmp.Or(a.order-b.order, len(x.name)-len(y.name), cmp.Compare(x.name, y.name))
	})
	more = len(hits) > limit
	for _, h := range hits[:min(limit, len(hits))] {
		shown := entries[h.at].shown
		shown.Match = rank(h.order / 2).String()
		found = append(found, shown)
	}
	return found, more
}
