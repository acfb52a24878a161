package logtext

import (
	"bytes"
	"errors"
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode/utf8"

	"capricornus/common/fault"
)

// Bounds of a pattern: what is searched for comes from anybody who may read.
const (
	patternBytes = 200
	patternSteps = 1000 // of a regular expression, its repetitions multiplied
)

// Pattern is what a search looks for in each line.
type Pattern struct {
	word   []byte         // a literal text, in lower case when folded
	folded bool           //
	expr   *regexp.Regexp // otherwise
	lower  []byte         // of the line that is looked at
}

// How says how the text of a pattern is meant.
type How struct {
	Regexp     bool // RE2, as Go has it
	IgnoreCase bool
}

// Compile makes a pattern of what somebody wrote. A pattern is for one search
// at a time.
func Compile(text string, how How) (*Pattern, error) {
	switch {
	case text == "":
		return nil, fault.New(fault.Usage, "there is nothing to search for")
	case len(text) > patternBytes:
		return nil, fault.New(fault.Usage, "what is searched for is longer than %d bytes", patternBytes)
	case strings.ContainsAny(text, "\r\n"):
		return nil, fault.New(fault.Usage, "a search looks at one line at a time, so what is searched for has no line break")
	case !utf8.ValidString(text):
		return nil, fault.New(fault.Usage, "what is searched for is no UTF-8")
	case how.Regexp:
		return compileExpr(text, how.IgnoreCase)
	case !how.IgnoreCase:
		return &Pattern{word: []byte(text)}, nil
	case isASCII(text):
		return &Pattern{word: []byte(strings.ToLower(text)), folded: true}, nil
	}
	return compileExpr(regexp.QuoteMeta(text), true)
}

func compileExpr(text string, ignoreCase bool) (*Pattern, error) {
	flags := syntax.Perl
	if ignoreCase {
		flags |= syntax.FoldCase
	}
	tree, err := syntax.Parse(text, flags)
	if err != nil {
		reason := err.Error()
		if bad, ok := errors.AsType[*syntax.Error](err); ok {
			reason = bad.Code.String() + ": " + bad.Expr
		}
		return nil, fault.Wrap(fault.Usage, err, "%q is no regular expression: %s", text, reason).WithHint("the syntax is RE2's")
	}
	if steps(tree) > patternSteps {
		return nil, fault.New(fault.Usage, "the regular expression %q is too large", text).WithHint("repeat less")
	}
	if ignoreCase {
		text = "(?i)" + text
	}
	expr, err := regexp.Compile(text)
	if err != nil {
		return nil, fault.Wrap(fault.Usage, err, "%q is no regular expression", text)
	}
	return &Pattern{expr: expr}, nil
}

// steps is about how many instructions an expression becomes.
func steps(tree *syntax.Regexp) int {
	n := 1
	if tree.Op == syntax.OpLiteral {
		n = len(tree.Rune)
	}
	for _, sub := range tree.Sub {
		n += steps(sub)
	}
	if tree.Op == syntax.OpRepeat {
		n *= max(tree.Min, tree.Max, 1)
	}
	return n
}

// Find returns where the first match in a line begins and ends, -1 when there
// is none.
func (p *Pattern) Find(line string) (start, end int) { return p.find([]byte(line)) }

func (p *Pattern) find(line []byte) (start, end int) {
	if p.expr != nil {
		if at := p.expr.FindIndex(line); at != nil {
			return at[0], at[1]
		}
		return -1, -1
	}
	if p.folded {
		p.lower = appendLower(p.lower[:0], line)
		line = p.lower
	}
	if start = bytes.Index(line, p.word); start < 0 {
		return -1, -1
	}
	return start, start + len(p.word)
}

// appendLower appends text with its ASCII letters in lower case: each byte
// keeps its place.
func appendLower(to, text []byte) []byte {
	for _, b := range text {
		if b >= 'A' && b <= 'Z' {
			b += 'a' - 'A'
		}
		to = append(to, b)
	}
	return to
}

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
