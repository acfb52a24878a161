package roster

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"capricornus/common/fault"
)

// Limits of an import.
const (
	mostLines = 5000
	maxNote   = 200
)

// Line is one day of a roster that is imported.
type Line struct {
	Line       int // where it stands, from 1
	Department string
	Day        Day
	Primary    string
	Secondary  string // empty: nobody
	Note       string
}

// Wrong is what is wrong with a line.
type Wrong struct {
	Line int
	Code string
	Text string
}

// Parse reads a roster: department,day,primary,secondary and perhaps a note in
// each line. A first line that begins with the word department is a heading,
// and what begins with # is passed over. All that is wrong is said.
func Parse(text string) ([]Line, []Wrong) {
	text = strings.TrimPrefix(text, "\ufeff")
	if !utf8.ValidString(text) {
		return nil, []Wrong{{1, "encoding", "the roster is not UTF-8 text: save it as UTF-8"}}
	}
	in := csv.NewReader(strings.NewReader(text))
	in.FieldsPerRecord, in.TrimLeadingSpace, in.Comment = -1, true, '#'
	var lines []Line
	var wrong []Wrong
	first := map[string]int{} // the line of each day of a department
	for {
		fields, err := in.Read()
		if errors.Is(err, io.EOF) {
			return lines, wrong
		}
		if err != nil {
			return lines, append(wrong, unreadable(err))
		}
		at, _ := in.FieldPos(0)
		if len(lines)+len(wrong) == 0 && strings.EqualFold(strings.TrimSpace(fields[0]), "department") {
			continue
		}
		if len(lines) == mostLines {
			return lines, append(wrong, Wrong{at, "too-long", fmt.Sprintf("more than %d lines: import it in parts", mostLines)})
		}
		line, found := readLine(at, fields)
		key := line.Department + "/" + line.Day.String()
		if before, twice := first[key]; twice && len(found) == 0 {
			found = append(found, Wrong{at, "twice", fmt.Sprintf("%s %s is in line %d already", line.Department, line.Day, before)})
		}
		if wrong = append(wrong, found...); len(found) == 0 {
			first[key] = at
			lines = append(lines, line)
		}
	}
}

func unreadable(err error) Wrong {
	if bad, ok := errors.AsType[*csv.ParseError](err); ok {
		return Wrong{bad.Line, "csv", bad.Err.Error()}
	}
	return Wrong{1, "csv", err.Error()}
}

func readLine(at int, fields []string) (Line, []Wrong) {
	for i := range fields {
		fields[i] = strings.TrimSpace(fields[i])
	}
	if len(fields) < 3 || len(fields) > 5 {
		return Line{}, []Wrong{{at, "fields", fmt.Sprintf("%d fields: a line is department,day,primary,secondary or has a note as the fifth", len(fields))}}
	}
	fields = append(slices.Clone(fields), "", "")
	line := Line{Line: at, Department: fields[0], Primary: fields[2], Secondary: fields[3], Note: fields[4]}
	var wrong []Wrong
	add := func(code string, err error) {
		wrong = append(wrong, Wrong{at, code, err.Error()})
	}
	day, err := ParseDay(fields[1])
	if line.Day = day; err != nil {
		add("day", err)
	}
	if line.Department == "" {
		add("department", errors.New("no department is named"))
	}
	if err := checkPair(line.Primary, line.Secondary); err != nil {
		add("people", err)
	}
	if err := checkNote(line.Note); err != nil {
		add("note", err)
	}
	return line, wrong
}

// checkPair refuses who cannot be on duty together.
func checkPair(primary, secondary string) error {
	if primary == "" {
		return fault.New(fault.Invalid, "nobody is named as the first on duty").WithHint("to give a day back to the rotation, clear it")
	}
	if primary == secondary {
		return fault.New(fault.Invalid, "%s cannot be first and second on duty at once", clipped(primary)).WithHint("leave the second out, or name another one")
	}
	return nil
}

func checkNote(note string) error { return checkText("note", note, maxNote) }

// checkText bounds a text that is kept.
func checkText(what, text string, most int) error {
	if len(text) > most {
		return fault.New(fault.Invalid, "the %s has %d bytes, at most %d are kept", what, len(text), most)
	}
	if !utf8.ValidString(text) || strings.ContainsFunc(text, func(c rune) bool { return c < ' ' || c == 0x7f }) {
		return fault.New(fault.Invalid, "the %s has characters that are not shown", what).WithHint("write plain text on one line")
	}
	return nil
}
