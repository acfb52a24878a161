package hdfs_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"capricornus/common/datapath"
	"capricornus/common/datapath/hdfs"
	"capricornus/common/datapath/hdfstest"
)

// shared is the HDFS of all tests, looked at by a user, and a directory in it.
func shared(t *testing.T, user string) (l *looker, files *hdfstest.Files, dir string) {
	t.Helper()
	address := hdfstest.Shared(t)
	dir = hdfstest.Dir(t, address)
	return newLooker(t, hdfs.Config{Namenodes: []string{address}, User: user}), hdfstest.At(address), dir
}

func TestReadyRules(t *testing.T) {
	l, files, dir := shared(t, "")
	files.Touch(t, dir+"/done/_SUCCESS")
	files.Put(t, dir+"/running/part-0", []byte("x"))
	files.Put(t, dir+"/hidden/_temporary/0/part", []byte("x"))
	files.Touch(t, dir+"/hidden/.crc")
	files.Touch(t, dir+"/empty")
	files.Put(t, dir+"/file", []byte("x"))
	files.Mkdir(t, dir+"/bare")
	files.Touch(t, dir+"/odd%20name?# ü+&;'\"/_SUCCESS")
	tests := map[string]struct {
		path, ready string
		want        bool
	}{
		"SuccessFile":               {"done", datapath.ReadySuccess, true},
		"NoSuccessFile":             {"running", datapath.ReadySuccess, false},
		"NoSuccessFileInAFile":      {"file", datapath.ReadySuccess, false},
		"NothingThere":              {"none", datapath.ReadyExists, false},
		"NothingAboveIt":            {"none/a/b", datapath.ReadyExists, false},
		"BelowAFile":                {"file/below", datapath.ReadyExists, false},
		"ColonThatHDFSDoesNotAllow": {"a:b", datapath.ReadyExists, false},
		"EmptyFileExists":           {"empty", datapath.ReadyExists, true},
		"EmptyDirectoryExists":      {"bare", datapath.ReadyExists, true},
		"EmptyFileHasNoContent":     {"empty", datapath.ReadyNonEmpty, false},
		"EmptyDirectory":            {"bare", datapath.ReadyNonEmpty, false},
		"FileWithContent":           {"file", datapath.ReadyNonEmpty, true},
		"DirectoryWithData":         {"running", datapath.ReadyNonEmpty, true},
		"DirectoryWithHiddenFiles":  {"hidden", datapath.ReadyNonEmpty, false},
		"NothingThereToBeNonEmpty":  {"none", datapath.ReadyNonEmpty, false},
		"OddCharacters":             {"odd%20name?# ü+&;'\"", datapath.ReadySuccess, true},
	}
	var checks []datapath.Check
	for name, test := range tests {
		check := datapath.Check{Path: "hdfs://" + dir + "/" + test.path, Ready: test.ready}
		checks = append(checks, check)
		t.Run(name, func(t *testing.T) {
			got, err := l.Ready(t.Context(), check.Path, check.Ready)
			if err != nil || got != test.want {
				t.Errorf("got %v, %v, want %v", got, err, test.want)
			}
			for _, result := range l.ReadyMany(t.Context(), []datapath.Check{check}) {
				if result.Err != nil || result.Ready != test.want {
					t.Errorf("by itself among many: got %v, %v, want %v", result.Ready, result.Err, test.want)
				}
			}
		})
	}
	t.Run("AllAtOnce", func(t *testing.T) {
		single := l.StatMany(t.Context(), checks)
		for i, result := range l.ReadyMany(t.Context(), checks) {
			if result.Err != nil || result.Ready != (single[i].Identity != datapath.Absent) {
				t.Errorf("%s %s: got %v, %v, want %v as by itself", result.Path, result.Check.Ready, result.Ready, result.Err, single[i].Identity)
			}
		}
	})
}

func TestIdentityChangesWithWhatIsThere(t *testing.T) {
	l, files, dir := shared(t, "")
	stat := func(path, ready string) datapath.Identity {
		t.Helper()
		identity, err := l.Stat(t.Context(), "hdfs://"+dir+path, ready)
		if err != nil || identity == datapath.Absent {
			t.Fatalf("%s: got %q, %v, want an identity", path, identity, err)
		}
		return identity
	}
	files.Touch(t, dir+"/out/_SUCCESS")
	files.Put(t, dir+"/out/part", []byte("one"))
	success, data, file := stat("/out", datapath.ReadySuccess), stat("/out", datapath.ReadyNonEmpty), stat("/out/part", datapath.ReadyExists)
	if again := stat("/out", datapath.ReadyNonEmpty); again != data {
		t.Errorf("untouched: got %q, want %q", again, data)
	}
	files.Put(t, dir+"/out/part", []byte("two"))
	if again := stat("/out", datapath.ReadyNonEmpty); again == data {
		t.Errorf("a file inside was written: got the same identity %q, want another", again)
	}
	if again := stat("/out/part", datapath.ReadyExists); again == file {
		t.Errorf("the file was written: got the same identity %q, want another", again)
	}
	if again := stat("/out", datapath.ReadySuccess); again != success {
		t.Errorf("_SUCCESS was not touched: got %q, want %q", again, success)
	}
	files.Touch(t, dir+"/out/_SUCCESS")
	if again := stat("/out", datapath.ReadySuccess); again == success {
		t.Errorf("_SUCCESS was written again: got the same identity %q, want another", again)
	}
}

func TestARefusedPathIsUnknown(t *testing.T) {
	l, files, dir := shared(t, "nobody")
	files.Touch(t, dir+"/closed/in/_SUCCESS")
	files.Chmod(t, dir+"/closed", 0o700)
	files.Touch(t, dir+"/unlisted/open/_SUCCESS")
	files.Chmod(t, dir+"/unlisted", 0o711)
	files.Put(t, dir+"/file", []byte("x"))
	tests := map[string]struct {
		path, ready string
		want        bool
		wantErr     string
	}{
		"BelowAClosedDirectory":        {"closed/in", datapath.ReadySuccess, false, "user nobody: permission denied"},
		"AbsentBelowAClosedDirectory":  {"closed/none", datapath.ReadyExists, false, "user nobody: permission denied"},
		"TheClosedDirectoryExists":     {"closed", datapath.ReadyExists, true, ""},
		"BelowOneThatCannotBeListed":   {"unlisted/open", datapath.ReadySuccess, true, ""},
		"BelowAFileIsNothing":          {"file/below/more", datapath.ReadyExists, false, ""},
		"AbsentBelowAnOpenDirectory":   {"none/below", datapath.ReadyExists, false, ""},
		"SuccessInAFileIsNothing":      {"file", datapath.ReadySuccess, false, ""},
		"EntriesOfAClosedAreNotKnown":  {"closed", datapath.ReadyNonEmpty, false, "user nobody: permission denied"},
		"EntriesOfUnlistedAreNotKnown": {"unlisted", datapath.ReadyNonEmpty, false, "user nobody: permission denied"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			// Three of them, so that the directory above would be listed.
			check := datapath.Check{Path: "hdfs://" + dir + "/" + test.path, Ready: test.ready}
			for _, result := range l.ReadyMany(t.Context(), []datapath.Check{check, {Path: check.Path + "-1"}, {Path: check.Path + "-2"}})[:1] {
				if result.Ready != test.want || (result.Err == nil) != (test.wantErr == "") {
					t.Fatalf("got %v, %v, want %v, %q", result.Ready, result.Err, test.want, test.wantErr)
				}
				if result.Err != nil && (!strings.Contains(result.Err.Error(), test.wantErr) || datapath.Unavailable(result.Err)) {
					t.Errorf("got %v, want an error about the path: %s", result.Err, test.wantErr)
				}
			}
		})
	}
	if h := l.Health()[0]; h.Down || !h.Known {
		t.Errorf("got %+v, want it up: it answered", h)
	}
}

func TestNewPartitionsAreSeen(t *testing.T) {
	l, files, dir := shared(t, "")
	var checks []datapath.Check
	for day := range 9 {
		for _, ready := range []string{datapath.ReadySuccess, datapath.ReadyExists} {
			checks = append(checks, datapath.Check{Path: fmt.Sprintf("hdfs://%s/table/dt=%d", dir, day), Ready: ready})
		}
	}
	there, done := map[string]bool{}, map[string]bool{}
	look := func(when string) {
		t.Helper()
		for _, result := range l.ReadyMany(t.Context(), checks) {
			want := there[result.Path]
			if result.Check.Ready == datapath.ReadySuccess {
				want = done[result.Path]
			}
			if result.Err != nil || result.Ready != want {
				t.Errorf("%s: got %v, %v of %s %s, want %v", when, result.Ready, result.Err, result.Path, result.Check.Ready, want)
			}
		}
	}
	look("without a table")
	for day := range 3 {
		name := fmt.Sprintf("%s/table/dt=%d", dir, day)
		files.Mkdir(t, name)
		there["hdfs://"+name] = true
		look("with one more partition")
		files.Touch(t, name+"/_SUCCESS")
		done["hdfs://"+name] = true
		look("with one more that is complete")
		<-time.After(1100 * time.Millisecond) // from now on the listing is remembered
		look("some time later")
		look("from memory")
	}
	files.Remove(t, dir+"/table/dt=1")
	delete(there, "hdfs://"+dir+"/table/dt=1")
	delete(done, "hdfs://"+dir+"/table/dt=1")
	look("without one that was removed")
	files.Remove(t, dir+"/table")
	clear(there)
	clear(done)
	look("without the table")
}
