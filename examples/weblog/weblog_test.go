package weblog_test

import (
	"strings"
	"testing"

	"capricornus/common/task"
	"capricornus/examples/weblog"
)

// warehouse renders the task files and parses them, by task name.
func warehouse(t *testing.T, h weblog.House) map[string]*task.Task {
	t.Helper()
	files, err := weblog.Files(h)
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
	const near, far = "/srv/web house", "hdfs://nn1:8020/web house"
	for name, c := range map[string]struct {
		house weblog.House
		home  string // in scripts
	}{
		"Local": {weblog.House{Home: "file://" + near, Log: "file:///var/log/access.log"}, near},
		"HDFS":  {weblog.House{Home: far, Log: far + "/access.log", DFS: "hdfs dfs"}, far},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			completeFiles(t, c.house, c.home)
		})
	}
}

func completeFiles(t *testing.T, house weblog.House, home string) {
	t.Helper()
	files, err := weblog.Files(house)
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
	for name, d := range warehouse(t, house) {
		if !d.Spec.Enabled {
			t.Errorf("%s: got it disabled, want it enabled", name)
		}
		if d.Spec.Env["WEBLOG_HOME"] != home {
			t.Errorf("%s: got WEBLOG_HOME %q, want %s", name, d.Spec.Env["WEBLOG_HOME"], home)
		}
		for _, output := range d.Spec.Outputs {
			if !strings.HasPrefix(output.Path, house.Home+"/") {
				t.Errorf("%s: got output %q, want it below the home", name, output.Path)
			}
		}
		packed := strings.Contains(d.Spec.Run.Script, "\n. ./publish.sh\n") && d.Spec.Program == house.Package()
		inline := strings.Contains(d.Spec.Run.Script, "publish\n") && d.Spec.Program == ""
		if packed != (house.DFS != "") || inline == packed {
			t.Errorf("%s: got program %q and script\n%s\nwant the scripts in the package on HDFS, and in the task file else", name, d.Spec.Program, d.Spec.Run.Script)
		}
	}
}

func TestFilesNamesWhatIsWrongWithAPlace(t *testing.T) {
	t.Parallel()
	const log = "file:///var/log/access.log"
	for _, place := range []string{"", "warehouse", "/warehouse", "file://warehouse", "s3://b/x", `file:///a"b`, "file:///a{{ biz }}", "file:///a\nb", "file:///a$(b)", "file:///a*", "file:///a/", "file:///a/../b", "hdfs://nn:8020"} {
		if _, err := weblog.Files(weblog.House{Home: place, Log: log}); err == nil {
			t.Errorf("home %q: got no error, want one", place)
		}
		if _, err := weblog.Files(weblog.House{Home: "file:///srv", Log: place}); err == nil {
			t.Errorf("log %q: got no error, want one", place)
		}
	}
	for want, house := range map[string]weblog.House{
		"same file system": {Home: "hdfs:///srv", Log: log, DFS: "hdfs dfs"},
		"capri dfs":        {Home: "hdfs:///srv", Log: "hdfs:///log"},
		"one line":         {Home: "hdfs:///srv", Log: "hdfs:///log", DFS: "hdfs\ndfs"},
	} {
		if _, err := weblog.Files(house); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: got %v, want an error with %q", house, err, want)
		}
	}
}
