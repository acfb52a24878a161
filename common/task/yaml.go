package task

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// yamlChunk is one document's text and the line of the file it begins on.
type yamlChunk struct {
	text string
	line int
}

// splitYAML cuts a file at its document markers. A "---" at the start of a
// line can be nothing else, so that one broken document does not hide the rest.
func splitYAML(data []byte) []yamlChunk {
	var chunks []yamlChunk
	var b strings.Builder
	begin, line := 1, 0
	for text := range bytes.Lines(data) {
		line++
		if isMarker(text) && line > 1 {
			chunks = append(chunks, yamlChunk{text: b.String(), line: begin})
			b.Reset()
			begin = line
		}
		b.Write(text)
	}
	return append(chunks, yamlChunk{text: b.String(), line: begin})
}

func isMarker(line []byte) bool {
	rest, found := bytes.CutPrefix(line, []byte("---"))
	return found && (len(rest) == 0 || bytes.ContainsRune([]byte(" \t\n"), rune(rest[0])))
}

// yamlReader turns YAML text into nodes.
type yamlReader struct {
	report *report
	text   string
	offset int // lines of the file before the chunk
	nodes  int
}

// read returns the documents of one chunk.
func (r *yamlReader) read(chunk yamlChunk) (docs []*node) {
	r.text, r.offset = chunk.text, chunk.line-1
	line := chunk.line
	// The scanner and the parser are not ours; whatever they trip over is a
	// finding about this document, never the end of the process.
	defer func() {
		if p := recover(); p != nil {
			r.report.errorf(line, CodeSyntax, "this is not YAML that can be read; check indentation, quotes and brackets")
			docs = nil
		}
	}()
	tokens := lexer.Tokenize(chunk.text)
	if !r.vet(tokens) {
		return nil
	}
	file, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		r.syntax(err, line)
		return nil
	}
	for _, doc := range file.Docs {
		if doc.Body == nil {
			continue
		}
		if n := r.node(doc.Body, 0); n != nil && n.shape != shapeNull {
			docs = append(docs, n)
		}
	}
	return docs
}

func (r *yamlReader) syntax(err error, line int) {
	message := "this is not YAML: " + err.Error()
	if located, ok := errors.AsType[yaml.Error](err); ok {
		message = "this is not YAML: " + located.GetMessage()
		if t := located.GetToken(); t != nil && t.Position != nil {
			line = r.offset + t.Position.Line
		}
	}
	hint := "check indentation, quotes and brackets"
	if bareMacro(r.text) {
		hint = "a value that begins with {{ needs quotes around it"
	}
	r.report.errorf(line, CodeSyntax, "%s; %s", strings.TrimSpace(message), hint)
}

// bareMacro reports whether a value begins with a macro and has no quotes,
// which YAML reads as a map: the slip that everybody makes once.
func bareMacro(text string) bool {
	for _, before := range []string{": {{", "- {{", "[{{", ", {{"} {
		if strings.Contains(text, before) {
			return true
		}
	}
	return false
}

// vet refuses, before the recursive parser sees them, documents nested too
// deeply and the parts of YAML that the format does not need: anchors, aliases
// (which can grow without bound), tags, directives and complex keys.
func (r *yamlReader) vet(tokens token.Tokens) bool {
	var columns []int // of the block values that are open: an upper bound of the nesting
	flow, keys := 0, 0
	for _, t := range tokens {
		if what := refusedToken(t.Type); what != "" {
			r.report.errorf(r.offset+t.Position.Line, CodeAlias, "%s are not supported in task files; write the value itself", what)
			return false
		}
		switch t.Type {
		case token.CommentType, token.DocumentHeaderType, token.DocumentEndType:
			continue
		case token.SequenceStartType, token.MappingStartType:
			flow++
		case token.SequenceEndType, token.MappingEndType:
			flow--
		case token.MappingValueType:
			keys++
		default: // keys, values and what decorates them: their columns say how deep they are
		}
		if flow <= 0 {
			columns = openColumns(columns, t.Position.Column)
		}
		if keys > maxKeys {
			r.report.errorf(r.offset+t.Position.Line, CodeTooLarge, "the document has more than %d keys; split it", maxKeys)
			return false
		}
		if flow > maxDepth || len(columns) > 5*maxDepth {
			r.report.errorf(r.offset+t.Position.Line, CodeTooDeep, "maps and lists are nested more than %d deep", maxDepth)
			return false
		}
	}
	return true
}

func openColumns(columns []int, column int) []int {
	for len(columns) > 0 && columns[len(columns)-1] >= column {
		columns = columns[:len(columns)-1]
	}
	return append(columns, column)
}

func refusedToken(t token.Type) string {
	switch t {
	case token.AnchorType, token.AliasType, token.MergeKeyType:
		return "YAML anchors, aliases and merge keys"
	case token.TagType:
		return "YAML tags"
	case token.DirectiveType:
		return "YAML directives"
	case token.MappingKeyType:
		return "keys written with a question mark"
	default:
		return ""
	}
}

// node converts one value; nil means a finding has said why not.
func (r *yamlReader) node(n ast.Node, depth int) *node {
	line := r.lineOf(n)
	r.nodes++
	if depth > maxDepth {
		return r.refuse(line, CodeTooDeep, fmt.Sprintf("maps and lists are nested more than %d deep", maxDepth))
	}
	if r.nodes > maxNodes {
		return r.refuse(line, CodeTooLarge, fmt.Sprintf("the file holds more than %d values; split it", maxNodes))
	}
	switch v := n.(type) {
	case *ast.NullNode:
		return &node{line: line, shape: shapeNull}
	case *ast.BoolNode:
		return &node{line: line, shape: shapeFlag, text: fmt.Sprint(v.Value)}
	case *ast.IntegerNode:
		return &node{line: line, shape: shapeInteger, text: fmt.Sprint(v.Value)}
	case *ast.FloatNode:
		return &node{line: line, shape: shapeDecimal, text: fmt.Sprint(v.Value)}
	case *ast.InfinityNode, *ast.NanNode:
		return &node{line: line, shape: shapeDecimal, text: n.GetToken().Value}
	case *ast.StringNode:
		return r.scalar(line, v.Value, false)
	case *ast.LiteralNode:
		return r.scalar(line, v.Value.Value, true)
	case *ast.SequenceNode:
		return r.list(v, line, depth)
	case *ast.MappingNode:
		return r.mapping(v.Values, line, depth)
	case *ast.MappingValueNode:
		return r.mapping([]*ast.MappingValueNode{v}, line, depth)
	}
	return r.refuse(line, CodeSyntax, "this kind of YAML value is not supported; write text, a number, true or false, a list or a map")
}

func (r *yamlReader) refuse(line int, code, sentence string) *node {
	r.report.errorf(line, code, "%s", sentence)
	return nil
}

func (r *yamlReader) scalar(line int, text string, block bool) *node {
	if at, bad := badRune(text); bad {
		return r.refuse(line, CodeEncoding, fmt.Sprintf("the text holds a control or broken character at its byte %d; remove it", at))
	}
	return &node{line: line, shape: shapeText, text: text, block: block}
}

func (r *yamlReader) list(v *ast.SequenceNode, line, depth int) *node {
	list := &node{line: line, shape: shapeList}
	for _, item := range v.Values {
		child := r.node(item, depth+1)
		if child == nil {
			return nil
		}
		list.items = append(list.items, child)
	}
	return list
}

func (r *yamlReader) mapping(values []*ast.MappingValueNode, line, depth int) *node {
	m := &node{line: line, shape: shapeMap}
	if len(values) > 0 {
		m.line = r.lineOf(values[0].Key)
	}
	seen := make(map[string]int, len(values))
	for _, pair := range values {
		name, at := r.keyName(pair.Key), r.lineOf(pair.Key)
		if first, twice := seen[name]; twice {
			r.report.duplicateKey(at, name, first)
			continue
		}
		seen[name] = at
		child := r.node(pair.Value, depth+1)
		if child == nil {
			return nil
		}
		m.keys = append(m.keys, key{name: name, line: at, value: child})
	}
	return m
}

func (r *yamlReader) keyName(n ast.MapKeyNode) string {
	if s, ok := n.(*ast.StringNode); ok {
		return s.Value
	}
	if t := n.GetToken(); t != nil {
		return t.Value
	}
	return ""
}

func (r *yamlReader) lineOf(n ast.Node) int {
	if t := n.GetToken(); t != nil && t.Position != nil {
		return r.offset + t.Position.Line
	}
	return r.offset + 1
}
