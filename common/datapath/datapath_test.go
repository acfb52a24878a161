package datapath

import (
	"context"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestReady(t *testing.T) {
	dir := t.TempDir()
	write(t, dir+"/done/_SUCCESS", "")
	write(t, dir+"/running/part-0", "x")
	write(t, dir+"/hidden/_temporary", "x")
	write(t, dir+"/empty", "")
	write(t, dir+"/odd%20name?#", "x")
	tests := map[string]struct {
		path, ready string
		want        bool
		wantErr     string
	}{
		"ReadyWithSuccessFile":            {"file://" + dir + "/done", "", true, ""},
		"NotReadyWithoutSuccessFile":      {"file://" + dir + "/running", ReadySuccess, false, ""},
		"NotReadyWhenNothingIsThere":      {"file://" + dir + "/none", ReadyExists, false, ""},
		"NotReadyBelowAFile":              {"file://" + dir + "/empty/below", ReadyExists, false, ""},
		"ExistsEvenEmpty":                 {"file://" + dir + "/empty", ReadyExists, true, ""},
		"EmptyFileIsNotNonEmpty":          {"file://" + dir + "/empty", ReadyNonEmpty, false, ""},
		"DirectoryWithDataIsNonEmpty":     {"file://" + dir + "/running", ReadyNonEmpty, true, ""},
		"DirectoryWithHiddenFilesIsEmpty": {"file://" + dir + "/hidden", ReadyNonEmpty, false, ""},
		"OddCharactersAreTakenAsTheyAre":  {"file://" + dir + "/odd%20name?#", ReadyNonEmpty, true, ""},
		"UnknownRuleIsAnError":            {"file://" + dir, "full", false, `"full" is no rule`},
		"HDFSIsUnknownUntilConfigured":    {"hdfs://nn/x", "", false, "hdfs is not configured"},
		"OtherSchemeIsAnError":            {"s3://b/x", "", false, "not supported"},
		"NoSchemeIsAnError":               {"/tmp", "", false, "not a path"},
		"FileWithHostIsAnError":           {"file://tmp/x", "", false, "three slashes"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := New(Options{}).Ready(t.Context(), test.path, test.ready)
			if test.wantErr == "" && err != nil || test.wantErr != "" && (err == nil || !strings.Contains(err.Error(), test.wantErr)) {
				t.Fatalf("got error %v, want %q", err, test.wantErr)
			}
			if got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func TestStat(t *testing.T) {
	dir := t.TempDir()
	write(t, dir+"/out/_SUCCESS", "")
	write(t, dir+"/out/part", "one")
	c := New(Options{})
	stat := func(ready string) Identity {
		t.Helper()
		identity, err := c.Stat(t.Context(), "file://"+dir+"/out", ready)
		if err != nil {
			t.Fatal(err)
		}
		return identity
	}
	success, data := stat(ReadySuccess), stat(ReadyNonEmpty)
	if again := stat(ReadySuccess); again != success {
		t.Errorf("untouched: got %q, want %q", again, success)
	}
	write(t, dir+"/out/part", "changed")
	if again := stat(ReadyNonEmpty); again == data {
		t.Errorf("file inside was written: got the same identity %q, want another", again)
	}
	later := time.Now().Add(time.Minute)
	if err := os.Chtimes(dir+"/out/_SUCCESS", later, later); err != nil {
		t.Fatal(err)
	}
	if again := stat(ReadySuccess); again == success {
		t.Errorf("_SUCCESS was written again: got the same identity %q, want another", again)
	}
}

// hanging never answers for paths that contain "hang" and ignores its context,
// as a system call on a dead server does.
type hanging struct{ release chan struct{} }

func (h hanging) Look(_ context.Context, at *url.URL, _ string) (Identity, error) {
	if strings.Contains(at.Path, "hang") {
		<-h.release
	}
	if strings.Contains(at.Path, "broken") {
		return Absent, errors.New("no such node")
	}
	return "ready", nil
}

func (hanging) Open(context.Context, *url.URL) (*File, error) { return nil, errors.New("not a file") }

// onFiles returns a Checker that looks at file:// paths with another source.
func onFiles(source Source, o Options) *Checker {
	c := New(o)
	c.sources["file"] = source
	return c
}

func TestReadyManyAnswersForOthersWhileOneDirectoryHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		c := onFiles(hanging{release}, Options{Timeout: time.Second, Parallel: 4})
		checks := []Check{
			{Path: "file:///hang/a"}, {Path: "file:///ok/a"}, {Path: "file:///hang/b"},
			{Path: "file:///broken/a"}, {Path: "file:///ok/a"},
		}
		began := time.Now()
		results := c.ReadyMany(t.Context(), checks)
		if took := time.Since(began); took != time.Second {
			t.Errorf("got %s for the pass, want one deadline", took)
		}
		for i, result := range results {
			if result.Path != checks[i].Path {
				t.Errorf("result %d: got path %q, want %q", i, result.Path, checks[i].Path)
			}
			hangs, broken := strings.Contains(result.Path, "hang"), strings.Contains(result.Path, "broken")
			if got := timedOut(result.Err); got != hangs {
				t.Errorf("%s: got timed out %v, want %v", result.Path, got, hangs)
			}
			if (result.Err != nil) != (hangs || broken) {
				t.Errorf("%s: got error %v", result.Path, result.Err)
			}
			if want := !hangs && !broken; result.Ready != want {
				t.Errorf("%s: got ready %v, want %v", result.Path, result.Ready, want)
			}
		}
		close(release)
		synctest.Wait()
		if n := c.hung.count.Load(); n != 0 {
			t.Errorf("got %d hung looks after all came back, want 0", n)
		}
	})
}

func TestLooksFailAtOnceWhenTooManyHang(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		c := onFiles(hanging{release}, Options{Timeout: time.Second})
		c.hung.limit = 2
		for range 2 {
			if _, err := c.Ready(t.Context(), "file:///hang", ""); !timedOut(err) {
				t.Fatalf("got %v, want a timeout", err)
			}
		}
		began := time.Now()
		if _, err := c.Ready(t.Context(), "file:///hang", ""); !timedOut(err) || time.Since(began) != 0 {
			t.Errorf("got %v after %s, want a timeout at once", err, time.Since(began))
		}
		close(release)
		synctest.Wait()
	})
}
