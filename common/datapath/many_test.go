package datapath

import (
	"context"
	"errors"
	"iter"
	"net/url"
	"path"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// remoteFiles is a file system with servers of its own. It answers one group per
// directory; a directory named "slow" takes a minute, and "down" is away.
type remoteFiles struct{ asked *[]Question }

func (remoteFiles) Look(ctx context.Context, at *url.URL, ready string) (Identity, error) {
	return Identity(ready + " of " + at.Path), ctx.Err()
}

func (remoteFiles) Open(context.Context, *url.URL) (*File, error) {
	return nil, errors.New("there are no files")
}

func (r remoteFiles) ReadyMany(ctx context.Context, questions []Question) iter.Seq[[]Answer] {
	*r.asked = append(*r.asked, questions...)
	return func(yield func([]Answer) bool) {
		for _, q := range questions {
			answer := Answer{Question: q, Met: true}
			if path.Dir(q.At.Path) == "/down" {
				answer = Answer{Question: q, Err: &Outage{Name: "hdfs://nn", Cause: "connection refused"}}
			}
			if path.Dir(q.At.Path) == "/slow" {
				select {
				case <-time.After(time.Minute):
				case <-ctx.Done():
					return
				}
			}
			if !yield([]Answer{answer}) {
				return
			}
		}
	}
}

func (remoteFiles) Health() []Health      { return nil }
func (remoteFiles) Probe(context.Context) {}
func (remoteFiles) OnChange(func())       {}
func (remoteFiles) Close() error          { return nil }

func TestAnswersComeAsTheyAreFound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		var asked []Question
		c := onFiles(hanging{release}, Options{HDFS: remoteFiles{&asked}, Timeout: 2 * time.Minute})
		checks := []Check{
			{Path: "file:///hang/a"}, {Path: "hdfs://nn/x/a"}, {Path: "hdfs://nn/slow/a"}, {Path: "file:///x/a"},
			{Path: "hdfs://nn/x/a"}, {Path: "hdfs://nn/x/a", Ready: ReadySuccess}, {Path: "nowhere"},
		}
		began := time.Now()
		at := map[Check]time.Duration{}
		for group := range c.Answers(t.Context(), checks) {
			for _, result := range group {
				at[result.Check] = time.Since(began)
			}
		}
		want := map[Check]time.Duration{
			checks[0]: 2 * time.Minute, checks[1]: 0, checks[2]: time.Minute, checks[3]: 0, checks[5]: time.Minute, checks[6]: 0,
		}
		for check, when := range want {
			if got, answered := at[check]; !answered || got != when {
				t.Errorf("%s %q: got answered %v after %s, want after %s", check.Path, check.Ready, answered, got, when)
			}
		}
		if len(asked) != 3 {
			t.Errorf("got %d questions for the other file system, want each distinct check once, 3", len(asked))
		}
		close(release)
		synctest.Wait()
	})
}

func TestAnswersEndWhenNobodyWantsMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		var asked []Question
		c := onFiles(hanging{release}, Options{HDFS: remoteFiles{&asked}, Timeout: time.Hour})
		began := time.Now()
		for range c.Answers(t.Context(), []Check{{Path: "hdfs://nn/x/a"}, {Path: "hdfs://nn/slow/a"}, {Path: "file:///hang/a"}}) {
			break
		}
		if took := time.Since(began); took != 0 {
			t.Errorf("got %s until it ended, want at once", took)
		}
		close(release)
		synctest.Wait()
	})
}

func TestReadyManyHasAResultForEachCheck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked []Question
		c := New(Options{HDFS: remoteFiles{&asked}})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		checks := []Check{{Path: "hdfs://nn/x/a"}, {Path: "hdfs://nn/down/a"}, {Path: "hdfs://nn/slow/a"}, {Path: "hdfs://nn/x/a", Ready: "full"}}
		results := c.ReadyMany(ctx, checks)
		wants := []struct {
			ready, unavailable bool
			err                string
		}{
			{true, false, ""},
			{false, true, "look at hdfs://nn/down/a: hdfs://nn does not answer: connection refused"},
			{false, false, "look at hdfs://nn/slow/a: context deadline exceeded"},
			{false, false, `"full" is no rule`},
		}
		for i, want := range wants {
			got := results[i]
			if got.Check != checks[i] || got.Ready != want.ready || Unavailable(got.Err) != want.unavailable {
				t.Errorf("%v: got %+v, want ready %v, unavailable %v", checks[i], got, want.ready, want.unavailable)
			}
			if (got.Err == nil) != (want.err == "") || got.Err != nil && !strings.Contains(got.Err.Error(), want.err) {
				t.Errorf("%v: got error %v, want %q", checks[i], got.Err, want.err)
			}
		}
	})
}

func TestStatManyTellsIdentities(t *testing.T) {
	var asked []Question
	dir := t.TempDir()
	write(t, dir+"/file", "x")
	c := New(Options{HDFS: remoteFiles{&asked}})
	local := Check{Path: "file://" + dir + "/file", Ready: ReadyExists}
	want, err := c.Stat(t.Context(), local.Path, local.Ready)
	if err != nil {
		t.Fatal(err)
	}
	results := c.StatMany(t.Context(), []Check{{Path: "hdfs://nn/b"}, local, {Path: "hdfs://nn/a"}})
	for i, want := range []Identity{"_SUCCESS of /b", want, "_SUCCESS of /a"} {
		if results[i].Identity != want || results[i].Err != nil {
			t.Errorf("result %d: got %q, %v, want %q", i, results[i].Identity, results[i].Err, want)
		}
	}
}
