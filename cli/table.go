package cli

import (
	"strings"
	"unicode"

	"github.com/jedib0t/go-pretty/v6/table"
)

// row is one line of a table: strings, numbers (set to the right) and cells.
type row = []any

// cell is text with a colour.
type cell struct {
	text  string
	color color
}

// table prints rows under a header, columns two spaces apart. Nothing is
// framed, so that lines can be cut and searched by other programs.
func (a *app) table(header []string, rows []row) {
	t := table.NewWriter()
	style := table.StyleDefault
	style.Box.PaddingLeft, style.Box.PaddingRight = "", "  "
	style.Options = table.OptionsNoBordersAndSeparators
	style.Format.Header = 0
	t.SetStyle(style)
	t.SuppressTrailingSpaces()
	names := make(table.Row, len(header))
	for i, name := range header {
		names[i] = a.paint(grey, name)
	}
	t.AppendHeader(names)
	for _, cells := range rows {
		t.AppendRow(a.tableRow(cells))
	}
	a.print("%s", t.Render())
}

func (a *app) tableRow(cells row) table.Row {
	line := make(table.Row, len(cells))
	for i, value := range cells {
		switch v := value.(type) {
		case cell:
			line[i] = a.paint(v.color, oneLine(v.text))
		case string:
			line[i] = oneLine(v)
		default:
			line[i] = v
		}
	}
	return line
}

// fields prints names and values below each other; empty values are left out.
func (a *app) fields(pairs ...any) {
	width := 0
	for i := 0; i < len(pairs); i += 2 {
		width = max(width, len(pairs[i].(string)))
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		value := pairs[i+1]
		if c, ok := value.(cell); ok {
			value = a.paint(c.color, oneLine(c.text))
		} else if text, ok := value.(string); ok {
			value = oneLine(text)
		}
		if value == "" || value == "-" {
			continue
		}
		name := pairs[i].(string)
		a.print("%s%s  %v", a.paint(grey, name), strings.Repeat(" ", width-len(name)), value)
	}
}

// printable takes control characters out of text that others wrote: a message
// of a script must not move the cursor of whoever reads it. Line ends and tabs
// become spaces where the text must stay on its line.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\t' || r == '\r':
			return ' '
		case unicode.IsControl(r):
			return unicode.ReplacementChar
		}
		return r
	}, text)
}

// oneLine is printable text without line ends.
func oneLine(text string) string {
	return strings.ReplaceAll(strings.TrimSpace(printable(text)), "\n", " ")
}
