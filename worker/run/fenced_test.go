package run

import (
	"errors"
	"io/fs"
	"testing"
)

// noteDir is a directory in which at most the note of a fence is.
type noteDir struct {
	Dir
	text string
}

func (d *noteDir) Read(string, int64) ([]byte, error) {
	if d.text == "" {
		return nil, fs.ErrNotExist
	}
	return []byte(d.text), nil
}

func (d *noteDir) Write(_ string, text []byte, _ fs.FileMode) error {
	if len(text) == 0 {
		return errors.New("nothing to write")
	}
	d.text = string(text)
	return nil
}

func TestANoteOfTheKeeperSaysWhyAnAttemptEnded(t *testing.T) {
	t.Parallel()
	code := func(n int) Exit { return Exit{Code: &n} }
	tests := map[string]struct {
		ending Ending
		fenced bool
	}{
		"EndedByASignal":        {Ending{Exit: code(143)}, true},
		"LeftNoCode":            {Ending{}, true},
		"TimedOutMeanwhile":     {Ending{Exit: code(143), TimedOut: true}, true},
		"SucceededBeforeItsEnd": {Ending{Exit: code(0)}, false},
		"KilledOnCommand":       {Ending{Exit: code(143), Killed: true}, false},
		"OverALimitOfTheWorker": {Ending{Exit: code(137), Over: true}, false},
		"FencedByTheWorkerToo":  {Ending{Exit: code(143), Fenced: true, Reason: "no master answered"}, true},
	}
	for name, test := range tests {
		dir := &noteDir{}
		if got := test.ending.fenced(dir); got != test.ending {
			t.Errorf("%s: got %+v without a note, want it as it was", name, got)
		}
		if err := NoteFenced(dir, "silent for the lease of 3s"); err != nil {
			t.Fatal(err)
		}
		if err := NoteFenced(dir, "another reason"); err != nil {
			t.Fatal(err)
		}
		got := test.ending.fenced(dir)
		if got.Fenced != test.fenced || test.fenced && (got.TimedOut || got.Reason != "silent for the lease of 3s") {
			t.Errorf("%s: got %+v, want fenced %v", name, got, test.fenced)
		}
	}
}

// The keeper was killed while it wrote.
func TestAnEmptyNoteIsOne(t *testing.T) {
	t.Parallel()
	for reason, want := range map[string]string{"": "the lease is over", "no master answered": "no master answered"} {
		got := Ending{Reason: reason}.fenced(&noteDir{text: "\n"})
		if !got.Fenced || got.Reason != want {
			t.Errorf("got %+v, want it fenced: %s", got, want)
		}
	}
}
