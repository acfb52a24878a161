package task

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// Parse reads one file of task definitions: YAML with one or many documents,
// or JSON (a stream of objects, or a list of them). Every default is filled in.
// It never fails as a whole: what is wrong is a finding with file and line, and
// a document with an error is returned with Broken set, so that its name still
// counts when others refer to it. Times of day stay as written; no zone is needed.
func Parse(file string, data []byte) ([]Document, []Finding) {
	// A name can be any bytes; findings are JSON.
	rep := &report{file: strings.ToValidUTF8(file, "\ufffd")}
	roots := readAll(file, data, rep)
	if len(roots) == 0 && len(rep.findings) == 0 {
		rep.errorf(1, CodeSyntax, "the file holds no document; it must begin with apiVersion: %s", APIVersion)
	}
	var docs []Document
	for _, n := range roots {
		if doc, ok := decode(n, rep); ok {
			docs = append(docs, doc)
		}
	}
	sortFindings(rep.findings)
	return docs, rep.findings
}

// readAll turns the bytes into values, whatever format they have. What bounds a
// file bounds each document of one that has several: an export is such a file.
func readAll(file string, data []byte, rep *report) []*node {
	if len(data) > MaxFileBytes && !bytes.Contains(data, []byte("\n---")) {
		return tooLarge(rep, "file", 1, len(data), MaxFileBytes)
	}
	if len(data) > MaxTextBytes {
		return tooLarge(rep, "file", 1, len(data), MaxTextBytes)
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if !vetText(data, rep) {
		return nil
	}
	data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
	chunks := splitYAML(data)
	if len(chunks) > maxDocuments {
		rep.errorf(1, CodeTooLarge, "the file has %d documents, at most %d are read; split it into several files", len(chunks), maxDocuments)
		return nil
	}
	if len(data) > MaxFileBytes && (len(chunks) == 1 || isJSON(file, data)) {
		return tooLarge(rep, "file", 1, len(data), MaxFileBytes)
	}
	if isJSON(file, data) {
		return readJSON(data, rep)
	}
	var roots []*node
	for _, chunk := range chunks {
		if len(chunk.text) > MaxFileBytes {
			tooLarge(rep, "document", chunk.line, len(chunk.text), MaxFileBytes)
			continue
		}
		y := &yamlReader{report: rep}
		roots = append(roots, y.read(chunk)...)
	}
	return roots
}

func tooLarge(rep *report, what string, line, size, most int) []*node {
	rep.errorf(line, CodeTooLarge, "the %s has %d bytes, at most %d are read; split it into several files", what, size, most)
	return nil
}

// isJSON takes a file for JSON by its name, or when it begins like JSON and is.
func isJSON(file string, data []byte) bool {
	if strings.HasSuffix(strings.ToLower(file), ".json") {
		return true
	}
	begin := bytes.TrimLeft(data, " \t\n")
	return len(begin) > 0 && (begin[0] == '{' || begin[0] == '[') && json.Valid(begin)
}

// vetText refuses what is not UTF-8 text, with the place of the first bad byte.
func vetText(data []byte, rep *report) bool {
	line, blank, begin := 1, 0, 0
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size == 1 {
			rep.errorf(line, CodeEncoding, "byte %d (0x%02x) is not UTF-8; save the file as UTF-8", i, data[i])
			return false
		}
		if isControl(r) && !isLineEnd(data, i) {
			rep.errorf(line, CodeEncoding, "byte %d (0x%02x) is a control character; remove it", i, data[i])
			return false
		}
		i += size
		if r != '\n' {
			continue
		}
		blank++
		if len(bytes.TrimSpace(data[begin:i])) > 0 {
			blank = 0
		}
		if blank > maxBlankLines {
			rep.errorf(line, CodeTooLarge, "more than %d empty lines follow one another; remove them", maxBlankLines)
			return false
		}
		line, begin = line+1, i
	}
	return true
}

func isControl(r rune) bool { return (r < 0x20 && r != '\t' && r != '\n') || r == 0x7f }

func isLineEnd(data []byte, i int) bool {
	return data[i] == '\r' && i+1 < len(data) && data[i+1] == '\n'
}

// decode reads one document. It reports false when not even its kind is known.
func decode(n *node, rep *report) (Document, bool) {
	before := rep.errors
	d := decoder{report: rep}
	if !d.is(n, "", shapeMap) {
		return Document{}, false
	}
	doc := Document{File: rep.file, Line: n.line, root: n}
	switch kind := n.child("kind"); {
	case kind == nil || kind.shape != shapeText:
		rep.errorf(n.line, CodeMissingKey, "kind is missing; write kind: %s or kind: %s", KindTask, KindProject)
		return Document{}, false
	case kind.text == KindTask:
		doc.Task = d.task(n)
	case kind.text == KindProject:
		doc.Project = d.project(n)
	default:
		rep.errorf(kind.line, CodeUnsupported, "kind %s is not known; it must be %s or %s%s",
			quoted(kind.text), KindTask, KindProject, didYouMean(kind.text, []string{KindTask, KindProject}))
		return Document{}, false
	}
	doc.Broken = rep.errors > before
	return doc, true
}

// Name returns the name of the document's project or task.
func (d Document) Name() string {
	if d.Task != nil {
		return d.Task.Metadata.Name
	}
	if d.Project != nil {
		return d.Project.Metadata.Name
	}
	return ""
}

// line returns the line of a value, or of the nearest one around it.
func (d Document) line(path ...any) int {
	for n := len(path); n > 0; n-- {
		if found := d.root.at(path[:n]...); found != nil {
			return found.line
		}
	}
	return d.Line
}
