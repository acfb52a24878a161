package text

import (
	"cmp"
	"fmt"
	"html"
	"math"
	"slices"
)

// A list of alerts shows the first ones of each kind in a row each and the names
// of the others side by side: in HTML as many as the mail has room for, in plain
// text all, since nobody clips that.
const (
	everything = math.MaxInt
	mailLimit  = 98_000 // bytes of HTML, below what mail programs clip at
	listRows   = 60     // over all kinds
	rowCost    = 560    // bytes of HTML around what a row says, at most
	nameCost   = 8      // between two names
	groupCost  = 700    // around a kind
)

// list is what a mail says of its many alerts.
type list struct {
	Title  string
	Groups []group
	Left   string // how many are not named, and where they are; empty: all are
}

// group is the alerts of one kind.
type group struct {
	Title   string
	Strong  string // its colour
	Entries []entry
	Names   []string
	alerts  []*Alert
	level   int
}

// entry is one alert in a row of its own.
type entry struct{ Object, Owner, At string }

// listed says that a message shows its alerts as a list.
func (w *writer) listed() bool {
	switch w.m.Purpose {
	case PurposeTest:
		return false
	case PurposeDigest, PurposeFailure:
		return len(w.m.Alerts) > 0
	}
	return len(w.m.Alerts) > 1
}

// list names as many alerts as room bytes of HTML hold, and counts the others.
func (w *writer) list(room int) *list {
	l := &list{Title: w.of("告警 %d 条", "Alerts: %d", len(w.m.Alerts)), Groups: w.groups()}
	if w.m.Purpose == PurposeFailure {
		l.Title = w.of("没有送达的告警 %d 条", "Alerts that were not told: %d", len(w.m.Alerts))
	}
	left, rows := 0, max(3, listRows/len(l.Groups))
	room -= 400 // the heading, and what is left
	for i := range l.Groups {
		g := &l.Groups[i]
		room -= groupCost + len(html.EscapeString(g.Title))
		for _, a := range g.alerts {
			e := entry{w.object(a), shorten(a.Owner, 20), w.clock(a.At)}
			name := len(html.EscapeString(e.Object))
			row := rowCost + name + len(html.EscapeString(e.Owner))
			switch {
			case len(g.Entries) < rows && row <= room:
				g.Entries, room = append(g.Entries, e), room-row
			case name+nameCost <= room:
				g.Names, room = append(g.Names, e.Object), room-name-nameCost
			default:
				left++
			}
		}
	}
	l.Groups = slices.DeleteFunc(l.Groups, func(g group) bool { return len(g.Entries)+len(g.Names) == 0 })
	if left > 0 {
		l.Left = w.of("另有 %d 条没有列出：本邮件的纯文本部分列出了全部，也可以用 capri alert list 查看", "%d more are not listed here: the plain text of this mail names them all, and so does capri alert list", left)
	}
	return l
}

// groups puts alerts of a kind together: the worst kind first, then the largest.
func (w *writer) groups() []group {
	index := map[string]int{}
	var out []group
	for i := range w.m.Alerts {
		a := &w.m.Alerts[i]
		key := w.name(a)
		at, known := index[key]
		if !known {
			at = len(out)
			index[key] = at
			out = append(out, group{level: severity(a.Level)})
		}
		g := &out[at]
		g.level = min(g.level, severity(a.Level))
		g.alerts = append(g.alerts, a)
	}
	slices.SortStableFunc(out, func(a, b group) int {
		return cmp.Or(cmp.Compare(a.level, b.level), cmp.Compare(len(b.alerts), len(a.alerts)))
	})
	for i := range out {
		g := &out[i]
		g.Title = fmt.Sprintf("%s · %d", w.opening(w.name(g.alerts[0])), len(g.alerts))
		g.Strong = coloursOf(g.level).Strong
	}
	return out
}
