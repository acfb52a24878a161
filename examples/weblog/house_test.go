package weblog_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"capricornus/common/datapath/dfs"
	"capricornus/common/datapath/hdfstest"
	"capricornus/common/macro"
	"capricornus/common/render"
	"capricornus/common/task"
	"capricornus/examples/weblog"
)

// TestMain makes the test's program the `capri dfs` of its scripts.
func TestMain(m *testing.M) {
	if len(os.Args) < 2 || os.Args[1] != dfsName {
		os.Exit(m.Run())
	}
	me, err := user.Current()
	if err != nil {
		panic(err)
	}
	shell := dfs.New(dfs.Config{User: me.Username, Timeout: time.Minute}, dfs.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr})
	os.Exit(shell.Run(context.Background(), os.Args[2:]))
}

const dfsName = "dfs"

// fileSystem is where a house is, looked at without the example's scripts.
type fileSystem interface {
	Exists(t testing.TB, name string) bool
	Get(t testing.TB, name string) []byte
	Put(t testing.TB, name string, content []byte)
}

// disk is the file system of this machine.
type disk struct{}

func (disk) Exists(t testing.TB, name string) bool {
	t.Helper()
	_, err := os.Stat(name)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return err == nil
}

func (disk) Get(t testing.TB, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func (disk) Put(t testing.TB, name string, content []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// house runs the tasks' scripts as a worker would: macros expanded, parameters
// and the batch's facts in the environment, one sh each in a directory of its own.
type house struct {
	fileSystem
	home  string // a path
	log   string // a path, beside the home
	work  string
	tasks map[string]*task.Task
}

// houses are on this machine and on HDFS.
func houses() map[string]func(t *testing.T) *house {
	return map[string]func(t *testing.T) *house{"Local": localHouse, "HDFS": remoteHouse}
}

func remoteHouse(t *testing.T) *house {
	t.Helper()
	address := hdfstest.Shared(t)
	return newHouse(t, hdfstest.At(address), "hdfs://"+address, hdfstest.Dir(t, address))
}

func localHouse(t *testing.T) *house {
	t.Helper()
	return newHouse(t, disk{}, "file://", t.TempDir())
}

func newHouse(t *testing.T, fs fileSystem, root, dir string) *house {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	h := &house{fileSystem: fs, home: dir + "/ware house", log: dir + "/access.log", work: t.TempDir()}
	where := weblog.House{Home: root + h.home, Log: root + h.log}
	if root != "file://" {
		where.DFS = program + " " + dfsName
		unpack(t, where, h.work)
	}
	h.tasks = warehouse(t, where)
	return h
}

// unpack puts the program package where a worker would.
func unpack(t *testing.T, where weblog.House, into string) {
	t.Helper()
	var archive bytes.Buffer
	if err := weblog.WritePackage(&archive, where); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("tar", "-xz", "-C", into)
	cmd.Stdin = &archive
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("unpack: %v\n%s", err, out)
	}
}

// lines writes the access log.
func (h *house) lines(t *testing.T, text string) {
	t.Helper()
	h.Put(t, h.log, []byte(text))
}

// expand is a task with what a batch of the business interval [from, to) gives it.
func (h *house) expand(name string, from, to time.Time) (render.Rendering, error) {
	cycle, err := h.tasks[name].Cycle(from.Location())
	if err != nil {
		return render.Rendering{}, err
	}
	slots := cycle.Within(from, to)
	if len(slots) != 1 || !slots[0].BizStart.Equal(from) {
		return render.Rendering{}, fmt.Errorf("%s to %s are %d intervals of %s, want one", from, to, len(slots), name)
	}
	return render.Expand(h.tasks[name], macro.Values{Slot: slots[0], Zone: from.Location(), Attempt: 1})
}

// attempt runs a task for the business interval [from, to), in from's zone.
func (h *house) attempt(ctx context.Context, name string, from, to time.Time) error {
	attempt, err := h.expand(name, from, to)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, "sh", "-c", attempt.Script)
	cmd.Dir = h.work
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "GORACE=atexit_sleep_ms=0"} // else each capri dfs takes a second more under the race detector
	for key, value := range attempt.Env {
		cmd.Env = append(cmd.Env, key+"="+value)
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s of %s: %w\n%s", name, from, err, out)
	}
	return nil
}

// run runs a task that must succeed and make what its file declares.
func (h *house) run(t *testing.T, task string, from, to time.Time) {
	t.Helper()
	if err := h.attempt(t.Context(), task, from, to); err != nil {
		t.Fatal(err)
	}
	attempt, err := h.expand(task, from, to)
	if err != nil {
		t.Fatal(err)
	}
	for _, output := range attempt.Outputs {
		place := output.Path[strings.Index(output.Path, h.home):]
		if output.Ready != "exists" {
			place += "/_SUCCESS"
		}
		if !h.Exists(t, place) {
			t.Errorf("%s of %s: got no output %s, want it", task, from, place)
		}
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
	dir = h.home + "/" + dir
	if !h.Exists(t, dir+"/_SUCCESS") {
		t.Fatalf("%s is not published", dir)
	}
	return string(h.Get(t, dir+"/"+name))
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
