package task

import (
	"strconv"
	"unicode/utf8"
)

// Limits of one file. They stop input that was made to be slow, and leave room
// for everything a person writes.
const (
	MaxFileBytes  = 1 << 20  // bytes of one file; of YAML, of one document of it (quality.md §5)
	MaxTextBytes  = 32 << 20 // bytes of a YAML file of several documents
	maxDocuments  = 25_000   // in one file
	maxDepth      = 20       // nested maps and lists; the format needs 6
	maxNodes      = 200_000  // values in one document
	maxKeys       = 10_000   // in one YAML document; the parser's time grows with their square
	maxBlankLines = 200      // in a row; the scanner's time grows with their square
	maxFindings   = 1000     // about one file
)

// shape is the type of a value in a file.
type shape int

const (
	shapeNull shape = iota
	shapeFlag
	shapeInteger
	shapeDecimal
	shapeText
	shapeList
	shapeMap
)

// String names the shape in findings.
func (s shape) String() string {
	switch s {
	case shapeNull:
		return "nothing"
	case shapeFlag:
		return "true or false"
	case shapeInteger:
		return "a whole number"
	case shapeDecimal:
		return "a number"
	case shapeText:
		return "text"
	case shapeList:
		return "a list"
	case shapeMap:
		return "a map"
	}
	return "a value"
}

// node is one value of a file, YAML and JSON alike, with the line it is on.
type node struct {
	line  int
	shape shape
	block bool   // text written as a block: its content begins one line below
	text  string // text, and numbers and flags as written
	keys  []key  // of a map, in the file's order
	items []*node
}

type key struct {
	name  string
	line  int
	value *node
}

// at finds the value under a path of map keys and list indexes, or nil.
func (n *node) at(path ...any) *node {
	for _, step := range path {
		if n == nil {
			return nil
		}
		switch s := step.(type) {
		case string:
			n = n.child(s)
		case int:
			if s < 0 || s >= len(n.items) {
				return nil
			}
			n = n.items[s]
		}
	}
	return n
}

// child returns the value of a map's key, or nil.
func (n *node) child(name string) *node {
	for _, k := range n.keys {
		if k.name == name {
			return k.value
		}
	}
	return nil
}

// said quotes the value for a finding.
func (n *node) said() string {
	switch n.shape {
	case shapeText:
		return "the text " + quoted(n.text)
	case shapeFlag, shapeInteger, shapeDecimal:
		return n.text
	case shapeNull, shapeList, shapeMap:
	}
	return n.shape.String()
}

// quoted shortens and quotes what a file says.
func quoted(s string) string {
	const most = 60
	if utf8.RuneCountInString(s) > most {
		s = string([]rune(s)[:most]) + "…"
	}
	return strconv.Quote(s)
}

// badRune returns the byte offset of a character that no file may hold: a
// control character other than tab and line feed, or a broken one.
func badRune(s string) (offset int, found bool) {
	for i, r := range s {
		if r == utf8.RuneError {
			if _, size := utf8.DecodeRuneInString(s[i:]); size == 1 {
				return i, true
			}
		}
		if (r < 0x20 && r != '\t' && r != '\n') || r == 0x7f {
			return i, true
		}
	}
	return 0, false
}
