package e2e_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"capricornus/common/period"
	"capricornus/common/store"
)

// What TestMasterKilledWhileGenerating has to make up for.
const (
	hourTasks = 300
	cronTasks = 20
	outage    = 24 * time.Hour
)

// A master that was away for a day makes up for it, is killed in the middle of
// that again and again, and in the end every batch is there exactly once.
func TestMasterKilledWhileGenerating(t *testing.T) {
	onEngines(t, func(s *site) {
		c := newCluster(s)
		master := c.master()
		s.manyTasks()
		db := s.open()
		s.await("the first marks", func() bool { return len(s.marks(db)) == 4 })
		master.kill()
		began := s.turnBack(db)

		whole := hourTasks * int(outage/time.Hour)
		for _, share := range []int{whole / 10, whole / 2, whole + 500} {
			have := s.count(db)
			master := c.start("master", "master", "--config", s.path("master.yaml"))
			s.await("batches", func() bool { return master.ended() || s.count(db) > max(share, have) })
			master.kill()
		}
		if have := s.count(db); have >= whole+cronTasks*int(outage/(10*time.Minute)) {
			s.Errorf("got all %d batches before the last kill, want the kill in the middle", have)
		}
		c.master()
		s.await("marks of now", func() bool {
			marks := s.marks(db)
			return len(marks) == 4+cronTasks && !slices.ContainsFunc(s.behind(marks, time.Now()), func(string) bool { return true })
		})
		s.exactly(db, began)
		s.sound()
	})
}

// manyTasks applies hour and cron tasks.
func (s *site) manyTasks() {
	s.Helper()
	s.write("tasks/project.yaml", projectText)
	var all strings.Builder
	add := func(name, timing string) {
		fmt.Fprintf(&all, "---\napiVersion: capri/v1\nkind: Task\nmetadata: {name: %s, project: e2e, owner: admin}\nspec:\n  %s\n  run: {type: shell, script: \"true\"}\n", name, timing)
	}
	for i := range hourTasks {
		add(fmt.Sprintf("hour_%d", i), "period: hour")
	}
	for i := range cronTasks {
		add(fmt.Sprintf("cron_%d", i), "period: cron\n  cron: \""+cronExpr+"\"")
	}
	s.write("tasks/many.yaml", all.String())
	s.capri("task", "apply", "-f", s.path("tasks"))
}

const cronExpr = "*/10 * * * *"

// turnBack makes the database look as if tasks had been saved two days ago and
// nothing had been generated since a day ago. It returns the latter.
func (s *site) turnBack(db *store.DB) time.Time {
	s.Helper()
	now := time.Now()
	began := now.Add(-outage).Truncate(time.Hour).Add(30 * time.Minute)
	saved := now.Add(-2 * outage).UnixMilli()
	s.exec(db, "UPDATE capri_task SET createdAt = ?, savedAt = ?", saved, saved)
	s.exec(db, "UPDATE capri_task_version SET savedAt = ?", saved)
	s.exec(db, "DELETE FROM capri_generate_mark")
	marks := []string{"hour", "day", "week", "month"}
	for _, row := range s.rows(db, "SELECT id FROM capri_task WHERE name LIKE 'cron%'", 1) {
		marks = append(marks, "cron:"+row[0])
	}
	for _, mark := range marks {
		s.exec(db, "INSERT INTO capri_generate_mark (mark, doneUntil) VALUES (?, ?)", mark, began.UnixMilli())
	}
	s.exec(db, "DELETE FROM capri_batch_event")
	s.exec(db, "DELETE FROM capri_task_work")
	return began
}

// behind names the marks of hour and cron tasks that have not come to now.
func (s *site) behind(marks map[string]int64, now time.Time) []string {
	s.Helper()
	var late []string
	for mark, until := range marks {
		kind, expr := period.Hour, ""
		switch {
		case strings.HasPrefix(mark, "cron:"):
			kind, expr = period.Cron, cronExpr
		case mark != "hour":
			continue
		}
		if len(s.slots(kind, expr, time.UnixMilli(until), now)) > 0 {
			late = append(late, mark)
		}
	}
	return late
}

func (s *site) slots(kind period.Kind, expr string, after, upTo time.Time) []period.Slot {
	s.Helper()
	cycle, err := period.NewCycle(kind, expr, time.UTC)
	if err != nil {
		s.Fatal(err)
	}
	return cycle.Due(after, upTo, 10_000)
}

// exactly compares the batches with the slots between the outage's begin and
// what the marks say is done.
func (s *site) exactly(db *store.DB, began time.Time) {
	s.Helper()
	marks := s.marks(db)
	want := map[string]bool{}
	expect := func(task string, slots []period.Slot) {
		for _, slot := range slots {
			want[task+"/"+slot.WorkNo+".0"] = true
		}
	}
	hours := s.slots(period.Hour, "", began, time.UnixMilli(marks["hour"]))
	for i := range hourTasks {
		expect(fmt.Sprintf("hour_%d", i), hours)
	}
	for _, row := range s.rows(db, "SELECT id, name FROM capri_task WHERE name LIKE 'cron%'", 2) {
		expect(row[1], s.slots(period.Cron, cronExpr, began, time.UnixMilli(marks["cron:"+row[0]])))
	}
	got := s.names()
	for _, name := range got {
		if !want[name] {
			s.Errorf("got batch %s, want none or not twice", name)
		}
		delete(want, name)
	}
	missing := 0
	for name := range want {
		if missing++; missing <= 10 {
			s.Errorf("got no batch %s, want one", name)
		}
	}
	if missing > 10 {
		s.Errorf("got %d batches, want %d more", len(got), missing)
	}
}
