// Package weblog is a small warehouse over web-server access logs, as task
// files: hours split from a raw log, details of hours and days, reports of days,
// weeks and months. Everything is computed by sh and awk. `capri dev` applies it
// as its demo; the files hold placeholders because paths in task files are
// absolute. It is pure: what it returns or writes depends on its arguments only.
package weblog

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

//go:embed tasks/*.yaml scripts/*.sh
var content embed.FS

// File is one task file, rendered.
type File struct {
	Name string
	Text string
}

const (
	homeMark    = "@WEBLOG_HOME@"
	logMark     = "@WEBLOG_LOG@"
	includeMark = "#include "
)

// Files renders the warehouse: its outputs go below home, its lines come from
// the access log log. Both are absolute paths. The project comes first, then the
// tasks by name; applied together their order does not matter.
func Files(home, log string) ([]File, error) {
	for _, place := range []string{home, log} {
		if err := checkPath(place); err != nil {
			return nil, err
		}
	}
	names, err := fs.Glob(content, "tasks/*.yaml")
	if err != nil {
		return nil, fmt.Errorf("list the embedded task files: %w", err)
	}
	marks := strings.NewReplacer(homeMark, path.Clean(home), logMark, path.Clean(log))
	files := []File{{Name: "project.yaml"}}
	for _, name := range names {
		text, err := render(name, marks)
		if err != nil {
			return nil, err
		}
		if base := path.Base(name); base != files[0].Name {
			files = append(files, File{Name: base, Text: text})
			continue
		}
		files[0].Text = text
	}
	return files, nil
}

// checkPath refuses what could not stand in a task file as it is: the text goes
// into a quoted YAML string, a URL and, through the environment, into scripts.
func checkPath(place string) error {
	if !path.IsAbs(place) {
		return fmt.Errorf("path %q of the web-log demo is not absolute", place)
	}
	if at := strings.IndexFunc(place, unfit); at >= 0 {
		return fmt.Errorf("path %q of the web-log demo has %q in it, which means something in a task file; choose another directory", place, place[at:at+1])
	}
	return nil
}

// unfit says that a character has a meaning in YAML, a URL, a macro or a glob.
func unfit(r rune) bool {
	return r < ' ' || r == 0x7f || strings.ContainsRune("\"'\\{}[]*?#%@$`!&;|<>()", r)
}

// render reads an embedded task file, puts scripts in and replaces the marks.
func render(name string, marks *strings.Replacer) (string, error) {
	text, err := content.ReadFile(name)
	if err != nil {
		return "", fmt.Errorf("read the embedded task file: %w", err)
	}
	var out strings.Builder
	for line := range strings.Lines(string(text)) {
		script, found := strings.CutPrefix(strings.TrimSpace(line), includeMark)
		if !found {
			out.WriteString(marks.Replace(line))
			continue
		}
		if err := include(&out, script, line[:strings.Index(line, "#")]); err != nil {
			return "", fmt.Errorf("%s: %w", name, err)
		}
	}
	return out.String(), nil
}

// include writes a script without its first line, which names the interpreter,
// at the indentation of the place it goes to.
func include(out *strings.Builder, script, indent string) error {
	text, err := content.ReadFile("scripts/" + script)
	if err != nil {
		return fmt.Errorf("include a script: %w", err)
	}
	for line := range strings.Lines(string(text)) {
		switch {
		case strings.HasPrefix(line, "#!"):
		case line == "\n":
			out.WriteString(line)
		default:
			out.WriteString(indent + line)
		}
	}
	return nil
}
