package task

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
)

// YAML writes a definition, a *Task or a *Project, the one way it is always
// written: keys in the order of the type, scripts as blocks, everything else as
// plain as it can be. Parse reads it back as the same value, so that what was
// exported can be applied again, and so that two texts differ only where the
// definitions do.
func YAML(definition any) (string, error) {
	text, err := json.Marshal(definition)
	if err != nil {
		return "", fmt.Errorf("encode definition: %w", err)
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	value, err := readOrdered(decoder)
	if err != nil {
		return "", fmt.Errorf("read encoded definition: %w", err)
	}
	fields, isMap := value.([]entry)
	if !isMap {
		return "", errors.New("write YAML: a definition is an object")
	}
	var w yamlWriter
	w.mapping(fields, 0)
	return w.String(), nil
}

// entry is a key with its value: a list of them is a mapping whose order counts.
type entry struct {
	key   string
	value any // []entry, []any, string, json.Number, bool or nil
}

// readOrdered reads one JSON value and keeps the order of keys.
func readOrdered(d *json.Decoder) (any, error) {
	t, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch t {
	case json.Delim('{'):
		return readFields(d)
	case json.Delim('['):
		items := []any{}
		for d.More() {
			item, err := readOrdered(d)
			if err != nil {
				return nil, err
			}
			items = append(items, item)
		}
		_, err := d.Token()
		return items, err
	}
	return t, nil
}

func readFields(d *json.Decoder) ([]entry, error) {
	fields := []entry{}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return nil, err
		}
		key, _ := t.(string) // the decoder lets nothing else be a key
		value, err := readOrdered(d)
		if err != nil {
			return nil, err
		}
		fields = append(fields, entry{key, value})
	}
	_, err := d.Token()
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return fields, err
}

// yamlWriter writes values two spaces deeper than what holds them.
type yamlWriter struct{ strings.Builder }

func (w *yamlWriter) pad(depth int) { w.WriteString(strings.Repeat("  ", depth)) }

func (w *yamlWriter) mapping(fields []entry, depth int) {
	for i, f := range fields {
		if i > 0 || depth == 0 {
			w.pad(depth)
		}
		w.WriteString(yamlKey(f.key) + ":")
		w.below(f.value, depth)
	}
}

// below writes what stands after a key, its line end included.
func (w *yamlWriter) below(value any, depth int) {
	switch v := value.(type) {
	case []entry:
		if len(v) == 0 {
			w.WriteString(" {}\n")
			return
		}
		w.WriteString("\n")
		w.pad(depth + 1)
		w.mapping(v, depth+1)
	case []any:
		w.list(v, depth)
	case string:
		w.WriteString(" ")
		w.text(v, depth)
	default:
		w.WriteString(" " + yamlPlain(v) + "\n")
	}
}

// list writes numbers in one line and everything else one below the other.
func (w *yamlWriter) list(items []any, depth int) {
	if !slices.ContainsFunc(items, func(item any) bool { _, number := item.(json.Number); return !number }) {
		words := make([]string, len(items))
		for i, item := range items {
			words[i] = yamlPlain(item)
		}
		w.WriteString(" [" + strings.Join(words, ", ") + "]\n")
		return
	}
	w.WriteString("\n")
	for _, item := range items {
		w.pad(depth + 1)
		w.WriteString("-")
		if fields, isMap := item.([]entry); isMap && len(fields) > 0 {
			w.WriteString(" ")
			w.mapping(fields, depth+2)
			continue
		}
		w.below(item, depth+1)
	}
}

// text writes a string as a block, plain or in quotes, with its line end.
func (w *yamlWriter) text(s string, depth int) {
	body, ended := strings.CutSuffix(s, "\n")
	if !fitsBlock(body) {
		w.WriteString(yamlString(s) + "\n")
		return
	}
	if ended {
		w.WriteString("|\n")
	} else {
		w.WriteString("|-\n")
	}
	for line := range strings.SplitSeq(body, "\n") {
		if line != "" {
			w.pad(depth + 1)
			w.WriteString(line)
		}
		w.WriteString("\n")
	}
}

// fitsBlock says that a text of several lines, without its last line end, keeps
// every character in a block: its first and last lines have text, the first is
// not indented, and no line is of blanks only.
func fitsBlock(body string) bool {
	if !strings.Contains(body, "\n") || strings.ContainsFunc(body, func(r rune) bool { return r != '\n' && (!unicode.IsPrint(r) || r == unicode.ReplacementChar) }) {
		return false
	}
	lines := strings.Split(body, "\n")
	if lines[0] == "" || lines[len(lines)-1] == "" || lines[0][0] == ' ' {
		return false
	}
	return !slices.ContainsFunc(lines, func(line string) bool {
		return line != "" && strings.TrimSpace(line) == "" || strings.HasSuffix(line, " ") || strings.HasPrefix(line, "---") || strings.HasPrefix(line, "...")
	})
}

func yamlPlain(value any) string {
	switch v := value.(type) {
	case json.Number:
		return v.String()
	case bool:
		if v {
			return "true"
		}
		return "false"
	case string:
		return yamlString(v)
	}
	return "null"
}

// yamlKey is a key of a mapping: keys that are words of YAML's are quoted.
func yamlKey(key string) string { return yamlString(key) }

// yamlString is a string of one line: as it is where nothing in it can mean
// anything to YAML, in double quotes otherwise.
func yamlString(s string) string {
	if isPlain(s) || isQuantity(s) {
		return s
	}
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(s) // a string always can be
	return strings.TrimSuffix(b.String(), "\n")
}

// isPlain allows what begins with a letter or a slash and has nothing but
// letters, digits and a few signs, and is no word that YAML reads as a value.
func isPlain(s string) bool {
	for i, r := range s {
		letter := unicode.IsLetter(r)
		if i == 0 && !letter && r != '/' && r != '_' {
			return false
		}
		if !letter && !isDigit(r) && !strings.ContainsRune("_-./+@", r) && (r != ' ' || i == len(s)-1 || s[i-1] == ' ') {
			return false
		}
	}
	switch strings.ToLower(s) {
	case "", "true", "false", "null", "yes", "no", "on", "off", "y", "n":
		return false
	}
	return true
}

// isQuantity allows durations and sizes, 1h30m and 2Gi: digits with a unit after
// them that makes no number.
func isQuantity(s string) bool {
	for s != "" {
		rest := strings.TrimLeftFunc(s, isDigit)
		unit := strings.TrimLeftFunc(rest, func(r rune) bool { return !isDigit(r) })
		if len(rest) == len(s) || !slices.Contains([]string{"h", "m", "s", "Ki", "Mi", "Gi", "Ti"}, strings.TrimSuffix(rest, unit)) {
			return false
		}
		if s = unit; s == "" {
			return true
		}
	}
	return false
}
