package task

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sort"
	"strings"
)

// jsonReader turns JSON text into nodes: a stream of objects, or one list of
// them. It keeps lines and sees keys written twice, which json.Unmarshal hides.
type jsonReader struct {
	report  *report
	decoder *json.Decoder
	lines   []int // offsets of line ends
	nodes   int
}

var errRefused = errors.New("refused: a finding says why")

// readJSON returns the documents of a JSON file, and whether it was JSON.
func readJSON(data []byte, rep *report) []*node {
	r := &jsonReader{report: rep, decoder: json.NewDecoder(bytes.NewReader(data))}
	r.decoder.UseNumber()
	for i, b := range data {
		if b == '\n' {
			r.lines = append(r.lines, i)
		}
	}
	var docs []*node
	for {
		n, err := r.value(0)
		if errors.Is(err, io.EOF) {
			return docs
		}
		if err != nil {
			r.syntax(err)
			return docs
		}
		if n.shape == shapeList {
			docs = append(docs, n.items...)
			continue
		}
		docs = append(docs, n)
	}
}

func (r *jsonReader) syntax(err error) {
	if errors.Is(err, errRefused) {
		return
	}
	line := r.line()
	if located, ok := errors.AsType[*json.SyntaxError](err); ok {
		line = r.lineAt(int(located.Offset))
	}
	reason := strings.TrimPrefix(err.Error(), "json: ")
	r.report.errorf(line, CodeSyntax, "this is not JSON: %s; check commas, quotes and brackets", reason)
}

func (r *jsonReader) line() int { return r.lineAt(int(r.decoder.InputOffset())) }

func (r *jsonReader) lineAt(offset int) int {
	return 1 + sort.SearchInts(r.lines, offset)
}

func (r *jsonReader) refuse(code, format string, args ...any) error {
	r.report.errorf(r.line(), code, format, args...)
	return errRefused
}

// value reads the next value. io.EOF means that there is none.
func (r *jsonReader) value(depth int) (*node, error) {
	t, err := r.decoder.Token()
	if err != nil {
		return nil, endsEarly(err, depth)
	}
	r.nodes++
	if depth > maxDepth {
		return nil, r.refuse(CodeTooDeep, "maps and lists are nested more than %d deep", maxDepth)
	}
	if r.nodes > maxNodes {
		return nil, r.refuse(CodeTooLarge, "the file holds more than %d values; split it", maxNodes)
	}
	n := &node{line: r.line()}
	switch v := t.(type) {
	case nil:
		n.shape = shapeNull
	case bool:
		n.shape, n.text = shapeFlag, fmt.Sprint(v)
	case json.Number:
		n.shape, n.text = shapeInteger, v.String()
		if strings.ContainsAny(n.text, ".eE") {
			n.shape = shapeDecimal
		}
	case string:
		return r.text(n, v)
	case json.Delim:
		if v == '{' {
			return r.mapping(n, depth)
		}
		return r.list(n, depth)
	}
	return n, nil
}

// endsEarly makes the end of the file inside a value an error, not an end.
func endsEarly(err error, depth int) error {
	if depth > 0 && errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

func (r *jsonReader) text(n *node, text string) (*node, error) {
	// Line ends as YAML has them, so that a script is the same in both.
	n.shape, n.text = shapeText, strings.ReplaceAll(text, "\r\n", "\n")
	if at, bad := badRune(n.text); bad {
		return nil, r.refuse(CodeEncoding, "the text holds a control or broken character at its byte %d; remove it", at)
	}
	return n, nil
}

func (r *jsonReader) list(n *node, depth int) (*node, error) {
	n.shape = shapeList
	for r.decoder.More() {
		child, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		n.items = append(n.items, child)
	}
	return n, r.closes()
}

func (r *jsonReader) mapping(n *node, depth int) (*node, error) {
	n.shape = shapeMap
	seen := map[string]int{}
	for r.decoder.More() {
		t, err := r.decoder.Token()
		if err != nil {
			return nil, endsEarly(err, 1)
		}
		name, _ := t.(string) // the decoder lets nothing else be a key
		at := r.line()
		child, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		if first, twice := seen[name]; twice {
			r.report.duplicateKey(at, name, first)
			continue
		}
		seen[name] = at
		n.keys = append(n.keys, key{name: name, line: at, value: child})
	}
	return n, r.closes()
}

func (r *jsonReader) closes() error {
	_, err := r.decoder.Token()
	return endsEarly(err, 1)
}
