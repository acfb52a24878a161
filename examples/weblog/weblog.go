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

// House says where a warehouse is.
type House struct {
	Home string // URL of the directory that outputs go below: file:///… or hdfs://…
	Log  string // URL of the access log; where the home is
	DFS  string // for hdfs://: what a script writes for `hdfs dfs`, such as /usr/bin/capri dfs
}

const (
	urlMark     = "@WEBLOG_URL@"  // the home in paths of inputs and outputs
	homeMark    = "@WEBLOG_HOME@" // the home in scripts: on this machine, a directory
	logMark     = "@WEBLOG_LOG@"
	dfsMark     = "@WEBLOG_DFS@"
	includeMark = "#include "

	local  = "file://"
	remote = "hdfs://"

	publishing = "publish.sh" // one of the scripts has a form of its own on HDFS
	onHDFS     = "publish-hdfs.sh"
)

func (h House) far() bool { return strings.HasPrefix(h.Home, remote) }

// marks replaces the marks in task files and scripts.
func (h House) marks() *strings.Replacer {
	return strings.NewReplacer(urlMark, h.Home, homeMark, strings.TrimPrefix(h.Home, local),
		logMark, strings.TrimPrefix(h.Log, local), dfsMark, h.DFS)
}

// Package is the URL that the program package with the scripts must be put to.
func (h House) Package() string { return h.Home + "/app/weblog.tar.gz" }

// Files renders the warehouse. The project comes first, then the tasks by name;
// applied together their order does not matter.
func Files(h House) ([]File, error) {
	if err := h.check(); err != nil {
		return nil, err
	}
	names, err := fs.Glob(content, "tasks/*.yaml")
	if err != nil {
		return nil, fmt.Errorf("list the embedded task files: %w", err)
	}
	files := []File{{Name: "project.yaml"}}
	for _, name := range names {
		text, err := h.render(name)
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

// check refuses what could not stand in a task file as it is.
func (h House) check() error {
	for _, place := range []string{h.Home, h.Log} {
		if err := checkPlace(place); err != nil {
			return err
		}
	}
	switch {
	case h.far() != strings.HasPrefix(h.Log, remote):
		return fmt.Errorf("the home %s and the log %s of the web-log demo are not on the same file system; put the log where the home is", h.Home, h.Log)
	case h.far() && h.DFS == "":
		return fmt.Errorf("the home %s of the web-log demo is on HDFS, and nothing says what scripts work with there; write capri dfs or hdfs dfs", h.Home)
	case strings.Contains(h.DFS, "\n") || strings.Contains(h.DFS, "{{"):
		return fmt.Errorf("the command %q of the web-log demo is not one line without macros", h.DFS)
	}
	return nil
}

// checkPlace looks at a URL: it goes into a quoted YAML string and, through the
// environment, into scripts.
func checkPlace(place string) error {
	scheme, rest, _ := strings.Cut(place, "://")
	_, file, absolute := strings.Cut(rest, "/")
	if !absolute || scheme+"://" != local && scheme+"://" != remote || scheme+"://" == local && !strings.HasPrefix(rest, "/") {
		return fmt.Errorf("%q of the web-log demo is not a URL: write file:///dir or hdfs://host:port/dir", place)
	}
	if path.Clean("/"+file) != "/"+file {
		return fmt.Errorf("the path of %q of the web-log demo is not in its shortest form: write %s", place, path.Clean("/"+file))
	}
	if at := strings.IndexFunc(place, unfit); at >= 0 {
		return fmt.Errorf("%q of the web-log demo has %q in it, which means something in a task file; choose another directory", place, place[at:at+1])
	}
	return nil
}

// unfit says that a character has a meaning in YAML, a URL, a macro or a glob.
func unfit(r rune) bool {
	return r < ' ' || r == 0x7f || strings.ContainsRune("\"'\\{}[]*?#%@$`!&;|<>()", r)
}

// render puts scripts into a task file and replaces the marks. On HDFS there is a
// program package with the scripts in it, and the task file names them only.
func (h House) render(name string) (string, error) {
	text, err := content.ReadFile(name)
	if err != nil {
		return "", fmt.Errorf("read the embedded task file: %w", err)
	}
	var out strings.Builder
	for line := range strings.Lines(string(text)) {
		script, found := strings.CutPrefix(strings.TrimSpace(line), includeMark)
		switch {
		case found && h.far():
			out.WriteString(strings.Replace(line, includeMark, ". ./", 1))
		case found:
			if err := include(&out, script, line[:strings.Index(line, "#")]); err != nil {
				return "", fmt.Errorf("%s: %w", name, err)
			}
		case h.far() && line == "  run:\n":
			fmt.Fprintf(&out, "  program: %q\n%s", h.Package(), line)
		default:
			out.WriteString(line)
		}
	}
	return h.marks().Replace(out.String()), nil
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
