package labtest

import (
	"strings"
	"testing"
	"time"

	"capricornus/common/batch"
	"capricornus/common/store/storetest"
)

// sound is evidence of two batches that went well: one at once, one in its
// second attempt.
func sound() Evidence {
	ran := func(kind, batch string, attempt int, host string) Line {
		return Line{Kind: kind, Batch: batch, Attempt: attempt, Host: host}
	}
	done := func(id int64, run, attempt int) storetest.LedgerBatch {
		return storetest.LedgerBatch{
			ID: id, Task: "a", WorkNo: "20260101000000", Run: run, State: batch.Done, Finish: batch.Success, Attempt: attempt, CreatedAt: 1000,
		}
	}
	return Evidence{
		Journal: []Line{
			ran(Began, "a/20260101000000.0", 1, "w1"), ran(Began, "a/20260101000000.1", 1, "w2"),
			ran(Ended, "a/20260101000000.0", 1, "w1"), ran(Ended, "a/20260101000000.1", 1, "w2"),
			ran(Began, "a/20260101000000.1", 2, "w1"), ran(Ended, "a/20260101000000.1", 2, "w1"),
		},
		Ledger: storetest.Ledger{
			Batches: []storetest.LedgerBatch{done(1, 0, 1), done(2, 1, 2)},
			Attempts: []storetest.LedgerAttempt{
				{WorkID: 1, Attempt: 1, Host: "w1", HasExit: true},
				{WorkID: 2, Attempt: 1, Host: "w2", HasExit: true, ExitCode: 1},
				{WorkID: 2, Attempt: 2, Host: "w1", HasExit: true},
			},
		},
		Promised: []Promise{{Ref: "a/20260101000000.0", ID: 1}},
		Tasks:    []Task{{Name: "a"}},
		Until:    time.UnixMilli(5000),
	}
}

func TestJudgeAcceptsWhatIsSound(t *testing.T) {
	t.Parallel()
	if found := sound().Violations(); len(found) > 0 {
		t.Errorf("got %q, want no violation", found)
	}
}

func TestJudgeLetsWhatIsNewerGoOn(t *testing.T) {
	t.Parallel()
	e := sound()
	e.Journal = e.Journal[:5]
	e.Ledger.Batches[1].CreatedAt = e.Until.UnixMilli() + 1
	if found := e.Violations(); len(found) > 0 {
		t.Errorf("got %q, want no word about a batch that ended after the journal was read", found)
	}
}

// TestJudgeFindsPlants spoils sound evidence in every way that is forbidden.
func TestJudgeFindsPlants(t *testing.T) {
	t.Parallel()
	for _, plant := range []struct {
		name  string
		spoil func(e *Evidence)
		want  string
	}{
		{"StartedTwice", func(e *Evidence) { e.Journal = append(e.Journal[:1:1], e.Journal...) }, "started twice"},
		{"EndedTwice", func(e *Evidence) { e.Journal = append(e.Journal, e.Journal[5]) }, "ended 2 times"},
		{"EndedWithoutAStart", func(e *Evidence) { e.Journal = e.Journal[1:] }, "after 0 starts"},
		{"Overlap", func(e *Evidence) { e.Journal[4].Kind = Overlap }, "while a process of an attempt before it was there"},
		{"EndAfterTheNextStart", func(e *Evidence) { e.Journal[3], e.Journal[4] = e.Journal[4], e.Journal[3] }, "comes after the start of attempt 2"},
		{"StartWithoutARow", func(e *Evidence) { e.Ledger.Attempts = e.Ledger.Attempts[1:] }, "no row grants it"},
		{"StartOnAnotherHost", func(e *Evidence) { e.Ledger.Attempts[1].Host = "w3" }, "granted to w3"},
		{"PromiseLost", func(e *Evidence) { e.Promised[0].ID = 3 }, "is lost"},
		{"PromiseOfAnotherBatch", func(e *Evidence) { e.Promised[0].Ref = "a/20260101000000.7" }, "is lost"},
		{"NotDone", func(e *Evidence) { e.Ledger.Batches[0].State = batch.Running }, "still running"},
		{"SuccessWithoutAnEnd", func(e *Evidence) { e.Journal = append(e.Journal[:2:2], e.Journal[3:]...) }, "1 starts, 0 ends"},
		{"SuccessWithoutAnExit", func(e *Evidence) { e.Ledger.Attempts[0].HasExit = false }, "(false)"},
		{"SuccessWithAnotherCode", func(e *Evidence) { e.Ledger.Attempts[0].ExitCode = 7 }, "exit code 7"},
		{"AnotherEnd", func(e *Evidence) { e.Ledger.Batches[1].Finish = batch.Lost }, "ended as lost"},
		{"TimeMissing", func(e *Evidence) {
			e.Tasks[0].Cron, e.Until = every, time.Date(2026, 1, 1, 0, 0, 8, 0, time.UTC)
		}, "no batch for 20260101000003"},
	} {
		t.Run(plant.name, func(t *testing.T) {
			t.Parallel()
			e := sound()
			plant.spoil(&e)
			if found := strings.Join(e.Violations(), "\n"); !strings.Contains(found, plant.want) {
				t.Errorf("got %q, want %q in it", found, plant.want)
			}
		})
	}
}

func TestParseJournal(t *testing.T) {
	t.Parallel()
	lines, err := parseJournal("start a/20260101000000.0#2 w1 77 1700000000123456 12.34\nend a/2026")
	want := Line{Kind: Began, Batch: "a/20260101000000.0", Attempt: 2, Host: "w1", PID: 77, At: time.UnixMicro(1700000000123456), Monotonic: 12340 * time.Millisecond}
	if err != nil || len(lines) != 1 || lines[0] != want {
		t.Errorf("got %+v, %v; want %+v and the line that is being written left out", lines, err, want)
	}
	for _, text := range []string{"start a/1.0 w1 77 1 1\n", "start\n", "start a/1.0#x w1 77 1 1\n"} {
		if lines, err := parseJournal(text); err == nil {
			t.Errorf("got %+v of %q, want an error", lines, text)
		}
	}
}
