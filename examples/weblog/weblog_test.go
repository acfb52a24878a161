package weblog_test

import (
	"path"
	"strings"
	"testing"

	"capricornus/common/task"
	"capricornus/examples/weblog"
)

// warehouse renders the task files and parses them, by task name.
func warehouse(t *testing.T, home, log string) map[string]*task.Task {
	t.Helper()
	files, err := weblog.Files(home, log)
	if err != nil {
		t.Fatalf("render the task files: %v", err)
	}
	defined := make(map[string]*task.Task, len(files))
	for _, file := range files {
		documents, findings := task.Parse(file.Name, []byte(file.Text))
		for _, finding := range findings {
			t.Errorf("%s:%d: got finding %q, want none", finding.File, finding.Line, finding.Message)
		}
		for _, document := range documents {
			if document.Task != nil {
				defined[document.Task.Metadata.Name] = document.Task
			}
		}
	}
	return defined
}

func TestFilesAreCompleteTaskFiles(t *testing.T) {
	t.Parallel()
	files, err := weblog.Files("/srv/web house", "/var/log/access.log")
	if err != nil {
		t.Fatalf("render: %v", err)
	}
	if files[0].Name != "project.yaml" {
		t.Errorf("got %s first, want project.yaml", files[0].Name)
	}
	for _, file := range files {
		for _, left := range []string{"@WEBLOG", "#include", "#!/bin/sh"} {
			if strings.Contains(file.Text, left) {
				t.Errorf("%s: got %q left in the text, want it replaced", file.Name, left)
			}
		}
	}
	for name, d := range warehouse(t, "/srv/web house", "/var/log/access.log") {
		if !d.Spec.Enabled {
			t.Errorf("%s: got it disabled, want it enabled", name)
		}
		if d.Spec.Env["WEBLOG_HOME"] != "/srv/web house" {
			t.Errorf("%s: got WEBLOG_HOME %q, want the home", name, d.Spec.Env["WEBLOG_HOME"])
		}
		for _, output := range d.Spec.Outputs {
			if !strings.HasPrefix(output.Path, "file:///srv/web house/") {
				t.Errorf("%s: got output %q, want it below the home", name, output.Path)
			}
		}
		if !strings.Contains(d.Spec.Run.Script, "publish\n") {
			t.Errorf("%s: got a script that never publishes", name)
		}
	}
}

func TestFilesNamesWhatIsWrongWithAPath(t *testing.T) {
	t.Parallel()
	for _, place := range []string{"", "warehouse", `/a"b`, "/a{{ biz }}", "/a\nb", "/a$(b)", "/a*"} {
		if _, err := weblog.Files(place, "/var/log/access.log"); err == nil {
			t.Errorf("home %q: got no error, want one", place)
		}
		if _, err := weblog.Files("/srv", path.Clean("/")+place+"'"); err == nil {
			t.Errorf("log %q: got no error, want one", place)
		}
	}
}
