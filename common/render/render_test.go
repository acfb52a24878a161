package render_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"capricornus/common/macro"
	"capricornus/common/period"
	"capricornus/common/render"
	"capricornus/common/task"
)

func values(t *testing.T, workNo string) macro.Values {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	cycle, err := period.NewCycle(period.Day, "", zone)
	if err != nil {
		t.Fatal(err)
	}
	slot, err := cycle.ByWorkNo(workNo)
	if err != nil {
		t.Fatal(err)
	}
	return macro.Values{Slot: slot, Zone: zone, Run: 1, Attempt: 3}
}

func definition() *task.Task {
	return &task.Task{
		Metadata: task.Metadata{Name: "dwd_access_d"},
		Spec: task.Spec{
			Inputs: []task.Input{
				{Path: "hdfs:///ods/{{ biz_date }}", Ready: "_SUCCESS"},
				{Path: "file:///raw/{{ biz yyyy/MM/dd/HH }}", Ready: "exists", Window: "hours"},
			},
			Outputs:      []task.Output{{Path: "hdfs:///dwd/{{ biz_date }}", Ready: "_SUCCESS"}},
			ThirdParties: []task.ThirdParty{{Code: "pay", Key: "{{ biz_date }}"}},
			Env:          map[string]string{"COUNTRY": "cn", "DAY": "{{ biz_date }}", "CAPRI_TASK": "mine"},
			Program:      "hdfs:///apps/etl.tar.gz",
			Run: task.Run{
				Type: "shell", Script: "echo {{ work_no }} {{ run }} {{ attempt }}",
				Command: []string{"etl", "{{ biz_date }}"},
			},
		},
	}
}

func TestExpandGivesWhatAnAttemptGets(t *testing.T) {
	got, err := render.Expand(definition(), values(t, "20150518"))
	if err != nil {
		t.Fatal(err)
	}
	if want := "echo 20150518 1 3"; got.Script != want {
		t.Errorf("script: got %q, want %q", got.Script, want)
	}
	if want := []string{"etl", "20150517"}; !reflect.DeepEqual(got.Command, want) {
		t.Errorf("command: got %q, want %q", got.Command, want)
	}
	if len(got.Inputs) != 25 || got.Inputs[0].Path != "hdfs:///ods/20150517" || got.Inputs[24] != (render.Path{Path: "file:///raw/2015/05/17/23", Ready: "exists"}) {
		t.Errorf("inputs: got %v, want the day's and 24 hours", got.Inputs)
	}
	if want := []render.Path{{Path: "hdfs:///dwd/20150517", Ready: "_SUCCESS"}}; !reflect.DeepEqual(got.Outputs, want) {
		t.Errorf("outputs: got %v, want %v", got.Outputs, want)
	}
	if want := []task.ThirdParty{{Code: "pay", Key: "20150517"}}; !reflect.DeepEqual(got.ThirdParties, want) {
		t.Errorf("third parties: got %v, want %v", got.ThirdParties, want)
	}
	wantEnv := map[string]string{
		"COUNTRY": "cn", "DAY": "20150517", "CAPRI_TASK": "dwd_access_d", "CAPRI_BATCH": "dwd_access_d/20150518.1",
		"CAPRI_WORK_NO": "20150518", "CAPRI_RUN": "1", "CAPRI_ATTEMPT": "dwd_access_d/20150518.1#3", "CAPRI_ATTEMPT_NO": "3", "CAPRI_BIZ_DATE": "20150517", "CAPRI_BIZ_HOUR": "00",
		"CAPRI_BIZ_START": "2015-05-17T00:00:00+08:00", "CAPRI_BIZ_END": "2015-05-18T00:00:00+08:00",
		"CAPRI_BIZ_START_MS": "1431792000000", "CAPRI_BIZ_END_MS": "1431878400000", "CAPRI_TIMEZONE": "Asia/Shanghai",
		"CAPRI_SCHEDULE_TIME": "2015-05-18T00:01:00+08:00",
	}
	if !reflect.DeepEqual(got.Env, wantEnv) {
		t.Errorf("env: got %v, want %v", got.Env, wantEnv)
	}
}

func TestExpandNamesTheFieldOfABadMacro(t *testing.T) {
	broken := definition()
	broken.Spec.Inputs[1].Path = "file:///{{ nothing }}"
	broken.Spec.Outputs[0].Path = "{{"
	_, err := render.Expand(broken, values(t, "20150518"))
	if err == nil || !strings.HasPrefix(err.Error(), "inputs[1].path: ") {
		t.Errorf("got %v, want an error about inputs[1].path", err)
	}
}

func TestEnvironWithoutAZoneIsUTC(t *testing.T) {
	v := values(t, "20150518")
	v.Zone = nil
	if got := render.Environ(v)["CAPRI_BIZ_DATE"]; got != "20150516" {
		t.Errorf("got %s, want the date in UTC, 20150516", got)
	}
}

func TestExpandMakesTheCall(t *testing.T) {
	asks := definition()
	asks.Spec.Run = task.Run{Type: "http", HTTP: &task.HTTP{
		Method: "POST", URL: "https://api.example.com/jobs/{{ biz_date }}?run={{ run }}", Body: `{"day": {"is": "{{ biz_date }}"}}`,
		Headers: map[string]string{"Idempotency-Key": "{{ task }}-{{ work_no }}"}, HeaderFiles: map[string]string{"Authorization": "/etc/token"},
	}}
	got, err := render.Expand(asks, values(t, "20150518"))
	want := &task.HTTP{
		Method: "POST", URL: "https://api.example.com/jobs/20150517?run=1", Body: `{"day": {"is": "20150517"}}`,
		Headers: map[string]string{"Idempotency-Key": "dwd_access_d-20150518"}, HeaderFiles: map[string]string{"Authorization": "/etc/token"},
	}
	if err != nil || !reflect.DeepEqual(got.HTTP, want) {
		t.Errorf("got %+v, %v, want %+v", got.HTTP, err, want)
	}
	if asks.Spec.Run.HTTP.Headers["Idempotency-Key"] != "{{ task }}-{{ work_no }}" {
		t.Error("got the definition changed, want it as it was")
	}
}
