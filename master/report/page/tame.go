package page

import (
	"strings"
	"unicode"
)

// fit is how many runes texts may have.
type fit struct{ lead, note, title int }

// fits are tried in turn until a mail is small enough; names and reasons may be
// as long as columns are.
func fits() []fit { return []fit{{100, 240, 48}, {80, 120, 40}, {60, 60, 30}, {32, 24, 16}} }

// tame makes every text of a view one line of bounded length that nothing obeys.
func (v *view) tame(f fit) {
	tame := func(text *string, n int) { *text = clip(oneLine(*text), n) }
	for _, text := range []*string{&v.Title, &v.Span, &v.Subject, &v.Footer} {
		tame(text, f.note)
	}
	tame(&v.Headline, 2*f.note)
	for i := range v.Sections {
		s := &v.Sections[i]
		tame(&s.Summary, f.note)
		for n := range s.Rows {
			w := &s.Rows[n]
			tame(&w.Lead, f.lead)
			tame(&w.Tag, f.title)
			tame(&w.Note, f.note)
			tame(&w.Figure, f.title)
			tame(&w.Unit, f.title)
		}
		for _, strip := range s.Strips {
			for n := range strip.Cells {
				tame(&strip.Cells[n].Title, f.title)
			}
		}
	}
}

// clip cuts a text to so many runes.
func clip(text string, n int) string {
	runes := []rune(text)
	if len(runes) <= n {
		return text
	}
	return string(runes[:n-1]) + "…"
}

// oneLine is text that a terminal shows as it is: what it would obey, and what
// turns the direction of writing, is shown as a mark.
func oneLine(text string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c == '\n' || c == '\t' || c == '\r' || c == '\u2028' || c == '\u2029':
			return ' '
		case unicode.IsControl(c) || unicode.Is(unicode.Bidi_Control, c) || c == '\u200b' || c == '\ufeff':
			return '\ufffd'
		}
		return c
	}, strings.ToValidUTF8(text, "\ufffd"))
}
