package page

import (
	"fmt"
	"strings"
	"time"
	"unicode"

	"capricornus/common/wire"
)

const (
	screenWidth = 78 // of the first screen
	labelWidth  = 18
)

// Text is a report for terminals: one screen that says how things are, then the
// details. It is plain text that no terminal obeys.
func Text(r *wire.Report, lang string) string {
	v := viewOf(r, lang, "")
	return v.text()
}

// Headline is the sentence that a report begins with, likewise.
func Headline(r *wire.Report, lang string) string {
	return clip(oneLine(tongue{zh: lang == Chinese, zone: time.UTC}.headline(r)), 2*fits()[0].note)
}

func (v *view) text() string {
	var b strings.Builder
	line := func(text string) { b.WriteString(strings.TrimRight(text, " ") + "\n") }
	line(cut(v.Title+"  "+v.Span+"   "+v.Share+" "+v.ShareOf, screenWidth))
	for _, l := range wrap(v.Headline, screenWidth) {
		line(l)
	}
	line("")
	for _, l := range v.scoreLines() {
		line(l)
	}
	line("")
	for _, s := range v.Sections {
		line(cut(pad(s.Title, labelWidth)+" "+mark(s.Tone)+" "+s.Summary, screenWidth))
	}
	line("")
	line(v.Footer)
	if v.Link != "" {
		line(v.Link)
	}
	for _, s := range v.Sections {
		if len(s.Rows) == 0 {
			continue
		}
		line("")
		line(s.Title)
		for _, w := range s.Rows {
			v.row(line, w)
		}
		if s.More != "" {
			line("  " + s.More)
		}
	}
	return b.String()
}

// mark is the sign of a tone, which stands for its colour.
func mark(tone string) string {
	switch tone {
	case good:
		return "✓"
	case warn:
		return "!"
	case bad:
		return "✕"
	}
	return "·"
}

func (v *view) row(line func(string), w row) {
	head := "  " + w.Lead
	if w.Tag != "" {
		head += "  [" + w.Tag + "]"
	}
	if w.Figure != "" {
		head += "  " + strings.TrimRight(w.Figure+" "+w.Unit, " ")
	}
	line(head)
	for _, l := range wrap(w.Note, screenWidth-4) {
		line("    " + l)
	}
}

// scoreLines draws the scores in two columns, down and then across.
func (v *view) scoreLines() []string {
	half := (len(v.Scores) + 1) / 2
	one := func(label, now, yesterday, week string) string {
		return pad(label, 12) + right(now, 6) + right(yesterday, 11) + right(week, 10)
	}
	head := right(v.Columns[1], 18) + right(v.Columns[2], 11) + right(v.Columns[3], 10)
	out := []string{head + "  " + head}
	for i := range half {
		s := v.Scores[i]
		text := one(s.Label, s.Now, s.Then[0].Was, s.Then[1].Was)
		if i+half < len(v.Scores) {
			s = v.Scores[i+half]
			text += "  " + one(s.Label, s.Now, s.Then[0].Was, s.Then[1].Was)
		}
		out = append(out, text)
	}
	return out
}

// width is how many columns of a terminal a text takes.
func width(text string) int {
	n := 0
	for _, c := range text {
		n += columns(c)
	}
	return n
}

func columns(c rune) int {
	switch {
	case unicode.Is(unicode.Mn, c):
		return 0
	case c >= 0x1100 && (c <= 0x115F || c >= 0x2E80 && c <= 0xA4CF || c >= 0xAC00 && c <= 0xD7A3 || c >= 0xF900 && c <= 0xFAFF ||
		c >= 0xFE30 && c <= 0xFE6F || c >= 0xFF00 && c <= 0xFF60 || c >= 0xFFE0 && c <= 0xFFE6 || c >= 0x1F300 && c <= 0x1FAFF || c >= 0x20000 && c <= 0x3FFFD):
		return 2
	}
	return 1
}

func pad(text string, n int) string   { return text + strings.Repeat(" ", max(n-width(text), 0)) }
func right(text string, n int) string { return strings.Repeat(" ", max(n-width(text), 0)) + text }

// cut is a text in at most n columns.
func cut(text string, n int) string {
	if width(text) <= n {
		return text
	}
	w := 0
	for i, c := range text {
		if w += columns(c); w > n-1 {
			return text[:i] + "…"
		}
	}
	return text
}

// wrap breaks a text into lines of at most n columns, at blanks where there are
// any.
func wrap(text string, n int) []string {
	var out []string
	for text != "" {
		end, w, blank := len(text), 0, 0
		for i, c := range text {
			if w += columns(c); w > n {
				end = i
				break
			}
			if c == ' ' {
				blank = i
			}
		}
		if end < len(text) && blank > end/2 {
			end = blank
		}
		out = append(out, strings.TrimRight(text[:end], " "))
		text = strings.TrimLeft(text[end:], " ")
	}
	return out
}

// Subject is the subject line of the mail.
func Subject(r *wire.Report, lang string) string {
	v := viewOf(r, lang, "")
	return v.Subject
}

// Mail is a report as it is sent.
type Mail struct{ Subject, Plain, HTML string }

// MailOf is the mail of a report. link is where the console shows it; empty:
// there is none.
func MailOf(r *wire.Report, lang, link string) (Mail, error) {
	v := viewOf(r, lang, link)
	plain := v.text()
	html, err := v.html() // which may shorten names
	if err != nil {
		return Mail{}, fmt.Errorf("draw report %s %d: %w", r.Kind, r.At, err)
	}
	return Mail{Subject: v.Subject, Plain: plain, HTML: html}, nil
}
