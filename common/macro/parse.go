package macro

import (
	"fmt"
	"strings"
)

const (
	opening = "{{"
	closing = "}}"
	// maxShifts keeps a chain of offsets inside a few centuries.
	maxShifts = 8
)

// Parse reads a text with macros. Its error is an *Error.
func Parse(text string) (*Template, error) {
	t := &Template{}
	for at := 0; at < len(text); {
		open := strings.Index(text[at:], opening)
		if open < 0 {
			t.parts = append(t.parts, part{text: text[at:]})
			break
		}
		if open > 0 {
			t.parts = append(t.parts, part{text: text[at : at+open]})
		}
		s := scanner{text: text, at: at + open + len(opening), open: at + open}
		p, err := s.macro()
		if err != nil {
			return nil, err
		}
		t.parts = append(t.parts, p)
		at = s.at
	}
	return t, nil
}

// scanner reads one macro; text before at is read.
type scanner struct {
	text string
	at   int
	open int // where the macro's {{ stands
}

// fail returns an error at a place.
func (s *scanner) fail(at int, format string, args ...any) *Error {
	return &Error{Offset: at, Message: fmt.Sprintf(format, args...)}
}

// macro reads from behind {{ to behind }}.
func (s *scanner) macro() (part, error) {
	s.spaces()
	if c := s.peek(); c == '"' || c == '\'' {
		return s.literal()
	}
	p, err := s.name()
	if err != nil {
		return part{}, err
	}
	if p.shifts, err = s.shifts(p); err != nil {
		return part{}, err
	}
	if !isAnchor(p.name) {
		return s.shortcut(p)
	}
	s.spaces()
	from := s.at
	if p.pattern, err = s.pattern(); err != nil {
		return part{}, err
	}
	if !hasLetters(p.pattern) {
		return part{}, s.fail(from, "%s needs a date pattern; write for example {{ %s yyyyMMdd }}", p.name, p.name)
	}
	return p, nil
}

// literal reads {{ "text" }}.
func (s *scanner) literal() (part, error) {
	text, err := s.quoted()
	if err != nil {
		return part{}, err
	}
	s.spaces()
	if !strings.HasPrefix(s.text[s.at:], closing) {
		return part{}, s.fail(s.at, "quoted text stands alone in a macro; write }} after it")
	}
	s.at += len(closing)
	return part{text: text}, nil
}

// shortcut closes a macro without a pattern and fills in the one it stands for.
func (s *scanner) shortcut(p part) (part, error) {
	s.spaces()
	switch {
	case s.atLineEnd():
		return part{}, s.unclosed()
	case strings.HasPrefix(s.text[s.at:], closing):
		s.at += len(closing)
	case isDateShortcut(p.name):
		return part{}, s.fail(s.at, "%s takes offsets such as -1d but no pattern; write {{ biz … }} with a pattern instead", p.name)
	default:
		return part{}, s.fail(s.at, "%s stands alone; write {{ %s }}", p.name, p.name)
	}
	switch p.name {
	case "biz_date":
		p.pattern = []token{{letters: "yyyy"}, {letters: "MM"}, {letters: "dd"}}
	case "biz_hour":
		p.pattern = []token{{letters: "HH"}}
	}
	return p, nil
}

// unclosed is the error of a macro that its line ends in.
func (s *scanner) unclosed() *Error {
	return s.fail(s.open, "the macro is not closed; write }} on the same line; a literal {{ is written {{ \"{{\" }}")
}

// name reads anchor[.align] or a shortcut.
func (s *scanner) name() (part, error) {
	from := s.at
	p := part{name: s.word()}
	if p.name == "" {
		return part{}, s.fail(from, "a name is missing after {{; write %s; a literal {{ is written {{ \"{{\" }}", names)
	}
	if !isAnchor(p.name) && !isShortcut(p.name) {
		return part{}, s.fail(from, "%q is unknown; write %s; a literal {{ is written {{ \"{{\" }}", p.name, names)
	}
	if s.peek() != '.' {
		return p, nil
	}
	dot := s.at
	s.at++
	if !isAnchor(p.name) {
		return part{}, s.fail(dot, "%s takes no align; write it after schedule, biz or biz_end, for example {{ biz.month_begin yyyyMMdd }}", p.name)
	}
	if p.align = s.word(); !isAlign(p.align) {
		return part{}, s.fail(dot+1, "align %q is unknown; write %s", p.align, aligns)
	}
	return p, nil
}

// shifts reads all ±N unit.
func (s *scanner) shifts(p part) ([]shift, error) {
	var all []shift
	for {
		s.spaces()
		from := s.at
		one, ok, err := s.shift()
		if err != nil {
			return nil, err
		}
		if !ok {
			return all, nil
		}
		if !isAnchor(p.name) && !isDateShortcut(p.name) {
			return nil, s.fail(from, "%s takes no offset; write {{ %s }}", p.name, p.name)
		}
		if all = append(all, one); len(all) > maxShifts {
			return nil, s.fail(from, "a macro has at most %d offsets; add them up", maxShifts)
		}
	}
}

// shift reads one ±N unit; it is false where none begins. A sign without a
// digit after it belongs to the pattern.
func (s *scanner) shift() (shift, bool, error) {
	from, sign := s.at, s.peek()
	if sign != '+' && sign != '-' {
		return shift{}, false, nil
	}
	s.at++
	s.spaces()
	if !isDigit(s.peek()) {
		s.at = from
		return shift{}, false, nil
	}
	count := 0
	for ; isDigit(s.peek()); s.at++ {
		count = min(count*10+int(s.peek()-'0'), 1_000_000_000)
	}
	s.spaces()
	unit := s.peek()
	most := mostOf(unit)
	if most == 0 || isLetter(s.peekAt(1)) || isDigit(s.peekAt(1)) {
		return shift{}, false, s.fail(s.at, "the offset needs a unit, followed by a space; write m (minutes) h d w M (months) or y, for example -1d")
	}
	if count > most {
		return shift{}, false, s.fail(from, "the offset is more than a century; write at most %d%c", most, unit)
	}
	s.at++
	if sign == '-' {
		count = -count
	}
	return shift{count: count, unit: unit}, true, nil
}
