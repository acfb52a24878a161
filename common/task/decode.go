package task

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// report collects the findings of one file.
type report struct {
	file     string
	findings []Finding
	errors   int
}

func (r *report) errorf(line int, code, format string, args ...any) {
	r.errors++
	r.add(line, SeverityError, code, fmt.Sprintf(format, args...))
}

func (r *report) warnf(line int, code, format string, args ...any) {
	r.add(line, SeverityWarning, code, fmt.Sprintf(format, args...))
}

func (r *report) add(line int, severity, code, message string) {
	if len(r.findings) >= maxFindings {
		return // there is enough to do already
	}
	r.findings = append(r.findings, Finding{File: r.file, Line: line, Severity: severity, Code: code, Message: message})
}

func (r *report) duplicateKey(line int, name string, first int) {
	r.errorf(line, CodeDuplicateKey, "the key %s is written twice, first in line %d; keep one of them", quoted(name), first)
}

// reader takes one value; where is its place in the document, for findings.
type reader func(n *node, where string)

// field is one key of a map and how its value is read.
type field struct {
	name     string
	required bool
	read     reader
}

// decoder fills structs from nodes and reports everything that does not fit.
// Absent keys and keys without a value leave the default that is there.
type decoder struct {
	*report
}

// fields reads a map whose keys are all known.
func (d decoder) fields(n *node, where string, known []field) {
	if !d.is(n, where, shapeMap) {
		return
	}
	for _, k := range n.keys {
		f, found := findField(known, k.name)
		if !found {
			d.unknownKey(k, where, known)
			continue
		}
		if k.value.shape != shapeNull {
			f.read(k.value, join(where, k.name))
		}
	}
	for _, f := range known {
		if c := n.child(f.name); f.required && (c == nil || c.shape == shapeNull) {
			d.errorf(n.line, CodeMissingKey, "%s is missing", join(where, f.name))
		}
	}
}

func findField(known []field, name string) (field, bool) {
	for _, f := range known {
		if f.name == name {
			return f, true
		}
	}
	return field{}, false
}

func (d decoder) unknownKey(k key, where string, known []field) {
	names := make([]string, len(known))
	for i, f := range known {
		names[i] = f.name
	}
	place := where
	if place == "" {
		place = "the document"
	}
	hint := didYouMean(k.name, names)
	if hint == "" {
		hint = "; known here: " + strings.Join(names, ", ")
	}
	d.errorf(k.line, CodeUnknownKey, "unknown key %s in %s%s", quoted(k.name), place, hint)
}

// is reports whether the value has the wanted shape, with a finding if not.
func (d decoder) is(n *node, where string, want shape) bool {
	if n.shape == want {
		return true
	}
	if where == "" {
		where = "the document"
	}
	hint := ""
	if want == shapeText {
		hint = textHint(n)
	}
	d.errorf(n.line, CodeWrongType, "%s must be %s, not %s%s", where, want, n.said(), hint)
	return false
}

// textHint tells what people who get this wrong most often meant.
func textHint(n *node) string {
	switch n.shape {
	case shapeFlag, shapeInteger, shapeDecimal:
		return fmt.Sprintf("; write it in quotes: %q", n.text)
	case shapeMap:
		return "; a value that begins with {{ needs quotes around it"
	case shapeNull:
		return `; write "" for an empty one`
	case shapeText, shapeList:
	}
	return ""
}

func (d decoder) text(to *string) reader {
	return func(n *node, where string) {
		if d.is(n, where, shapeText) {
			*to = n.text
		}
	}
}

func (d decoder) flag(to *bool) reader {
	return func(n *node, where string) {
		if d.is(n, where, shapeFlag) {
			*to = n.text == "true"
		}
	}
}

func (d decoder) integer(to *int) reader {
	return func(n *node, where string) {
		if !d.is(n, where, shapeInteger) {
			return
		}
		v, err := strconv.ParseInt(n.text, 10, 32)
		if err != nil {
			d.errorf(n.line, CodeBadValue, "%s: the number %s is out of all bounds", where, quoted(n.text))
			return
		}
		*to = int(v)
	}
}

func (d decoder) decimal(to *float64) reader {
	return func(n *node, where string) {
		if n.shape != shapeInteger && !d.is(n, where, shapeDecimal) {
			return
		}
		v, err := strconv.ParseFloat(n.text, 64)
		if err != nil || v-v != 0 { // also infinite and not a number
			d.errorf(n.line, CodeBadValue, "%s: %s is no number that can be used", where, quoted(n.text))
			return
		}
		*to = v
	}
}

// oneOf reads text that must be one of a few words.
func (d decoder) oneOf(to *string, words []string) reader {
	return func(n *node, where string) {
		if !d.is(n, where, shapeText) {
			return
		}
		if !slices.Contains(words, n.text) {
			d.errorf(n.line, CodeBadValue, "%s is %s; it must be %s", where, quoted(n.text), choice(n.text, words))
			return
		}
		*to = n.text
	}
}

func choice(said string, words []string) string {
	if len(words) == 1 {
		return words[0]
	}
	return "one of " + strings.Join(words, ", ") + didYouMean(said, words)
}

// list reads each item of a list.
func (d decoder) list(item func(n *node, where string)) reader {
	return func(n *node, where string) {
		if !d.is(n, where, shapeList) {
			return
		}
		for i, child := range n.items {
			item(child, fmt.Sprintf("%s[%d]", where, i))
		}
	}
}

func (d decoder) texts(to *[]string) reader {
	return d.list(func(n *node, where string) {
		var s string
		d.text(&s)(n, where)
		*to = append(*to, s)
	})
}

func (d decoder) integers(to *[]int) reader {
	return d.list(func(n *node, where string) {
		var v int
		d.integer(&v)(n, where)
		*to = append(*to, v)
	})
}

// textMap reads a map of texts, whose keys are the user's own.
func (d decoder) textMap(to *map[string]string) reader {
	return func(n *node, where string) {
		if !d.is(n, where, shapeMap) || len(n.keys) == 0 {
			return
		}
		m := make(map[string]string, len(n.keys))
		for _, k := range n.keys {
			if _, bad := badRune(k.name); bad {
				d.errorf(k.line, CodeEncoding, "a key of %s holds a control or broken character; remove it", where)
				continue
			}
			var s string
			d.text(&s)(k.value, join(where, k.name))
			m[k.name] = s
		}
		*to = m
	}
}

// parsed reads a value through its own parser of text; integers are taken as
// the text they are written with.
func parsed[T any](d decoder, to *T, parse func(string) (T, error)) reader {
	return func(n *node, where string) {
		if n.shape != shapeInteger && !d.is(n, where, shapeText) {
			return
		}
		v, err := parse(n.text)
		if err != nil {
			d.errorf(n.line, CodeBadValue, "%s: %v", where, err)
			return
		}
		*to = v
	}
}

func join(where, name string) string {
	if where == "" {
		return name
	}
	return where + "." + name
}
