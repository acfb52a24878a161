package config

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// reader walks a parsed file against the table of keys, so that one pass finds
// every unknown key and every value of the wrong shape, with its line. The
// YAML library's own messages quote the source, secrets included: only their
// bare sentence is used.
type reader struct {
	file     string
	keys     []Key
	origins  map[string]string
	problems InvalidError
}

func (r *reader) read(data []byte) {
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		r.problems = append(r.problems, r.syntax(err))
		return
	}
	if len(file.Docs) > 1 {
		r.complain(file.Docs[1].Body, "", "the file has more than one document: write one")
		return
	}
	for _, doc := range file.Docs {
		r.walk("", doc.Body)
	}
}

func (r *reader) syntax(err error) Problem {
	if detail, ok := errors.AsType[yaml.Error](err); ok {
		return Problem{From: r.at(detail.GetToken().Position.Line), Text: detail.GetMessage()}
	}
	return Problem{From: r.file, Text: "the file is not YAML"}
}

func (r *reader) at(line int) string { return r.file + ":" + strconv.Itoa(line) }

func (r *reader) complain(node ast.Node, path, format string, args ...any) {
	from := r.file
	if node != nil {
		from = r.at(node.GetToken().Position.Line)
	}
	r.problems = append(r.problems, Problem{Path: path, From: from, Text: fmt.Sprintf(format, args...)})
}

// walk handles the mapping under a dotted prefix.
func (r *reader) walk(prefix string, node ast.Node) {
	if isNothing(node) {
		return
	}
	entries, ok := entriesOf(node)
	if !ok {
		r.complain(node, prefix, "write keys and values here")
		return
	}
	for _, entry := range entries {
		name := entry.Key.GetToken().Value
		r.entry(joinPath(prefix, name), entry)
	}
}

func (r *reader) entry(path string, entry *ast.MappingValueNode) {
	if key, found := r.find(path); found {
		r.assign(key, entry)
		return
	}
	if r.isSection(path) {
		r.origins[path] = r.at(entry.Key.GetToken().Position.Line)
		r.walk(path, entry.Value)
		return
	}
	r.complain(entry.Key, "", "unknown key %q%s", path, r.suggest(path))
}

func (r *reader) assign(key Key, entry *ast.MappingValueNode) {
	if isNothing(entry.Value) {
		return
	}
	v, err := valueOf(key.Kind, entry.Value)
	if err == nil {
		err = key.set(v)
	}
	if err != nil {
		r.complain(entry.Key, key.Path, "%s", err)
		return
	}
	r.origins[key.Path] = r.at(entry.Key.GetToken().Position.Line)
}

func (r *reader) find(path string) (Key, bool) {
	for _, key := range r.keys {
		if key.pathFor(path) != path {
			continue
		}
		if key.of == nil {
			return key, true
		}
		name, _ := strings.CutPrefix(path, key.Path[:strings.Index(key.Path, anyName)])
		name, _, _ = strings.Cut(name, ".")
		return key.named(name), true
	}
	return Key{}, false
}

// isSection says that keys are below a path. A section that people name is
// there from then on, be it empty.
func (r *reader) isSection(path string) bool {
	for _, key := range r.keys {
		if name, is := key.sectionOf(path); is {
			key.of(name) // makes it
		}
		if strings.HasPrefix(key.pathFor(path), path+".") {
			return true
		}
	}
	return false
}

func (r *reader) suggest(path string) string {
	known := make([]string, 0, len(r.keys))
	for _, key := range r.keys {
		known = append(known, key.pathFor(path))
		if section, _, nested := strings.Cut(key.Path, "."); nested {
			known = append(known, section)
		}
	}
	if best := Nearest(path, known); best != "" {
		return fmt.Sprintf(": did you mean %q?", best)
	}
	return ": `capri config reference` lists the keys"
}

func valueOf(kind Kind, node ast.Node) (value, error) {
	switch kind {
	case KindText, KindNumber, KindSize, KindTime, KindSwitch:
		text, err := scalarOf(node)
		return value{text: text}, err
	case KindList:
		return listOf(node)
	case KindMap:
		return pairsOf(node)
	}
	return value{}, fmt.Errorf("key of unknown kind %q", kind)
}

func listOf(node ast.Node) (value, error) {
	sequence, ok := node.(*ast.SequenceNode)
	if !ok {
		return value{}, errors.New("write a list, for example [a, b]")
	}
	list := make([]string, 0, len(sequence.Values))
	for _, item := range sequence.Values {
		text, err := scalarOf(item)
		if err != nil {
			return value{}, err
		}
		list = append(list, text)
	}
	return value{list: list}, nil
}

func pairsOf(node ast.Node) (value, error) {
	entries, ok := entriesOf(node)
	if !ok {
		return value{}, errors.New("write names and values, for example {a: 1}")
	}
	pairs := make(map[string]string, len(entries))
	for _, entry := range entries {
		text, err := scalarOf(entry.Value)
		if err != nil {
			return value{}, err
		}
		pairs[entry.Key.GetToken().Value] = text
	}
	return value{pairs: pairs}, nil
}

func scalarOf(node ast.Node) (string, error) {
	switch scalar := node.(type) {
	case *ast.LiteralNode:
		return scalar.Value.Value, nil
	case *ast.StringNode, *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return scalar.GetToken().Value, nil
	}
	return "", errors.New("write one plain value here")
}

func entriesOf(node ast.Node) ([]*ast.MappingValueNode, bool) {
	switch mapping := node.(type) {
	case *ast.MappingNode:
		return mapping.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{mapping}, true
	}
	return nil, false
}

func isNothing(node ast.Node) bool {
	if node == nil {
		return true
	}
	_, null := node.(*ast.NullNode)
	_, comment := node.(*ast.CommentGroupNode)
	return null || comment
}

func joinPath(prefix, name string) string {
	if prefix == "" {
		return name
	}
	return prefix + "." + name
}
