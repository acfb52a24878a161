package weblog_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"capricornus/common/macro"
	"capricornus/common/render"
	"capricornus/common/task"
)

// house runs the tasks' scripts as a worker would: macros expanded, parameters
// and the batch's facts in the environment, one sh each.
type house struct {
	home  string
	tasks map[string]*task.Task
}

func newHouse(t *testing.T, log string) *house {
	t.Helper()
	home := filepath.Join(t.TempDir(), "ware house")
	if err := os.Mkdir(home, 0o700); err != nil {
		t.Fatal(err)
	}
	return &house{home: home, tasks: warehouse(t, home, log)}
}

// attempt runs a task for the business interval [from, to), in from's zone.
func (h *house) attempt(ctx context.Context, name string, from, to time.Time) error {
	cycle, err := h.tasks[name].Cycle(from.Location())
	if err != nil {
		return err
	}
	slots := cycle.Within(from, to)
	if len(slots) != 1 || !slots[0].BizStart.Equal(from) {
		return fmt.Errorf("%s to %s are %d intervals of %s, want one", from, to, len(slots), name)
	}
	attempt, err := render.Expand(h.tasks[name], macro.Values{Slot: slots[0], Zone: from.Location(), Attempt: 1})
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, "sh", "-c", attempt.Script)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH")}
	for key, value := range attempt.Env {
		cmd.Env = append(cmd.Env, key+"="+value)
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s of %s: %w\n%s", name, from, err, out)
	}
	return h.checkOutputs(name, attempt.Outputs)
}

// checkOutputs holds that the script made what the task file declares.
func (h *house) checkOutputs(name string, outputs []render.Path) error {
	for _, output := range outputs {
		place := strings.TrimPrefix(output.Path, "file://")
		if output.Ready != "exists" {
			place = filepath.Join(place, "_SUCCESS")
		}
		if _, err := os.Stat(place); err != nil {
			return fmt.Errorf("output of %s: %w", name, err)
		}
	}
	return nil
}

func (h *house) run(t *testing.T, task string, from, to time.Time) {
	t.Helper()
	if err := h.attempt(t.Context(), task, from, to); err != nil {
		t.Fatal(err)
	}
}

// hours runs both hourly tasks for every hour of [from, to).
func (h *house) hours(t *testing.T, from, to time.Time) {
	t.Helper()
	for hour := from; hour.Before(to); hour = hour.Add(time.Hour) {
		h.run(t, "ods_access_h", hour, hour.Add(time.Hour))
		h.run(t, "dwd_access_h", hour, hour.Add(time.Hour))
	}
}

// days runs both daily tasks for every day of [from, to).
func (h *house) days(t *testing.T, from, to time.Time) {
	t.Helper()
	for day := from; day.Before(to); day = day.AddDate(0, 0, 1) {
		h.run(t, "dwd_access_d", day, day.AddDate(0, 0, 1))
		h.run(t, "ads_access_report_d", day, day.AddDate(0, 0, 1))
	}
}

// read returns an output's file, which must be published.
func (h *house) read(t *testing.T, dir, name string) string {
	t.Helper()
	if _, err := os.Stat(filepath.Join(h.home, dir, "_SUCCESS")); err != nil {
		t.Fatalf("%s is not published: %v", dir, err)
	}
	text, err := os.ReadFile(filepath.Join(h.home, dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// figure is one number of a report.
func (h *house) figure(t *testing.T, dir, name string) int {
	t.Helper()
	for line := range strings.Lines(h.read(t, dir, "report.txt")) {
		if fields := strings.Fields(line); len(fields) == 2 && fields[0] == name {
			number, err := strconv.Atoi(fields[1])
			if err != nil {
				t.Fatalf("%s of %s: %v", name, dir, err)
			}
			return number
		}
	}
	t.Fatalf("got no %s in the report of %s", name, dir)
	return 0
}

func (h *house) wantFigure(t *testing.T, dir, name string, want int) {
	t.Helper()
	if got := h.figure(t, dir, name); got != want {
		t.Errorf("%s of %s: got %d, want %d", name, dir, got, want)
	}
}

func writeLog(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "access.log")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}
