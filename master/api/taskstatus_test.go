package api

import (
	"net/http"
	"testing"
	"time"

	"capricornus/common/batch"
	"capricornus/common/store"
	"capricornus/common/task"
	"capricornus/common/wire"
)

func TestNextRun(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	early := func(minutes int) task.Offset { return task.Offset{Set: true, Minutes: minutes} }
	for name, c := range map[string]struct {
		spec      task.Spec
		zone      *time.Location
		now, want string
	}{
		"Base":           {task.Spec{Period: "day"}, time.UTC, "2015-05-18T01:00:00Z", "2015-05-19T00:01:00Z"},
		"EarliestToday":  {task.Spec{Period: "day", Earliest: early(120)}, time.UTC, "2015-05-18T01:00:00Z", "2015-05-18T02:01:00Z"},
		"EarliestOver":   {task.Spec{Period: "day", Earliest: early(120)}, time.UTC, "2015-05-18T02:01:00Z", "2015-05-19T02:01:00Z"},
		"Zone":           {task.Spec{Period: "day", Earliest: early(120)}, berlin, "2015-05-18T22:30:00Z", "2015-05-19T00:01:00Z"},
		"ClockSetBack":   {task.Spec{Period: "day", Earliest: early(240)}, berlin, "2015-10-24T23:00:00Z", "2015-10-25T03:01:00Z"},
		"Cron":           {task.Spec{Period: "cron", Cron: "0/5 * * * * *"}, time.UTC, "2015-05-18T01:00:01Z", "2015-05-18T01:00:05Z"},
		"CronWithOffset": {task.Spec{Period: "cron", Cron: "* * * * * *", Earliest: early(600)}, time.UTC, "2015-05-18T01:00:00Z", "2015-05-18T11:00:01Z"},
		"NotYetValid":    {task.Spec{Period: "day", Earliest: early(120), Valid: task.Validity{From: "2015-06-01"}}, time.UTC, "2015-05-18T01:00:00Z", "2015-06-02T02:01:00Z"},
		"Over":           {task.Spec{Period: "day", Earliest: early(120), Valid: task.Validity{To: "2015-01-01"}}, time.UTC, "2015-05-18T01:00:00Z", ""},
		"Manual":         {task.Spec{Period: "manual"}, time.UTC, "2015-05-18T01:00:00Z", ""},
	} {
		now, _ := time.Parse(time.RFC3339, c.now)
		got := ""
		if at := nextRun(&task.Task{Spec: c.spec}, c.zone, now); at != 0 {
			got = time.UnixMilli(at).UTC().Format(time.RFC3339)
		}
		if got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func TestTriggerStatus(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		enabled bool
		s       store.TaskStanding
		want    int
	}{
		{false, store.TaskStanding{}, 0},
		{false, store.TaskStanding{Ended: batch.Failed}, 0},
		{false, store.TaskStanding{Running: true}, 2},
		{true, store.TaskStanding{}, 1},
		{true, store.TaskStanding{Ended: batch.Success}, 1},
		{true, store.TaskStanding{Ended: batch.Killed}, 1},
		{true, store.TaskStanding{Ended: batch.Failed}, 3},
		{true, store.TaskStanding{Ended: batch.Lost}, 3},
		{true, store.TaskStanding{Ended: batch.Failed, Running: true}, 2},
	} {
		if got := triggerStatus(c.enabled, c.s); got != c.want {
			t.Errorf("enabled %v, %+v: got %d, want %d", c.enabled, c.s, got, c.want)
		}
	}
}

func TestTasksSayHowTheyStandAndTheQueueWhatWaits(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.apply(taskFiles)
	r.coldStart("hour", "2015051801", "2015051803", "ods_access_h")
	one := r.batchID("ods_access_h/2015051801")
	r.run(one, nil)
	var list wire.TaskList
	status := func() map[string]int {
		r.must(http.MethodGet, "/api/v1/tasks", "viewer", nil, &list)
		out := map[string]int{}
		for _, item := range list.Items {
			out[item.Name] = item.TriggerStatus
		}
		return out
	}
	if got := status(); got["ods_access_h"] != 2 || got["beat"] != 0 || got["dwd_access_d"] != 1 {
		t.Errorf("got %v, want the hourly task running, beat not started", got)
	}
	var queue wire.Queue
	r.must(http.MethodGet, "/api/v1/queue", "viewer", nil, &queue)
	if queue.Ready != 2 || len(queue.Groups) != 1 || queue.Groups[0].SlotsUsed != 1 || queue.Groups[0].SlotsWanted != 3 || queue.Groups[0].OldestAt == 0 {
		t.Errorf("got %+v, want two before the default group", queue)
	}
	r.world.Change("UPDATE capri_task_work SET state = 3, finishState = 2, endTime = 1 WHERE id = ?", one)
	if got := status(); got["ods_access_h"] != 3 {
		t.Errorf("got %v, want the hourly task abnormal", got)
	}
	var detail wire.TaskDetail
	r.must(http.MethodGet, "/api/v1/tasks/ods_access_h", "viewer", nil, &detail)
	if detail.TriggerStatus != 3 || detail.NextRunTime == 0 || detail.NextRunTime != detail.NextAt {
		t.Errorf("got %+v, want it abnormal with its next run", detail.TaskSummary)
	}
}
