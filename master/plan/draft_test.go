package plan

import (
	"slices"
	"strings"
	"testing"
	"time"

	"capricornus/common/batch"
	"capricornus/common/period"
	"capricornus/common/store"
	"capricornus/common/task"
)

// family is a catalog that knows the task up, of a period, made on 2015-05-10.
func family(t *testing.T, change func(*task.Task)) *catalog {
	t.Helper()
	def := &task.Task{Metadata: task.Metadata{Name: "up"}, Spec: task.Spec{Period: "day"}}
	if change != nil {
		change(def)
	}
	c := newCatalog(time.UTC)
	row := store.Task{ID: 2, Name: "up", CreatedAt: time.Date(2015, 5, 10, 12, 0, 0, 0, time.UTC).UnixMilli()}
	if err := c.add([]store.Task{row}, []*task.Task{def}); err != nil {
		t.Fatal(err)
	}
	return c
}

// child is a day task below up.
func child(change func(*task.Spec)) member {
	def := &task.Task{Metadata: task.Metadata{Name: "down"}, Spec: task.Spec{Period: "day", Priority: 3}}
	if change != nil {
		change(&def.Spec)
	}
	return member{row: store.Task{ID: 1, Name: "down", ProjectID: 7, Period: int(period.Day)}, version: 4, def: def}
}

func daySlot(t *testing.T, no string) period.Slot {
	t.Helper()
	c, err := period.NewCycle(period.Day, "", time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	s, err := c.ByWorkNo(no)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func byTimer() birth { return birth{origin: batch.ByTimer, schedule: base(), now: base()} }

func TestDraftCarriesTheDefinition(t *testing.T) {
	t.Parallel()
	m := child(func(s *task.Spec) {
		s.Workers.Memory, s.Earliest = 64, task.Offset{Set: true, Minutes: 599}
		s.Inputs = []task.Input{{Path: "file:///in/{{ biz_date }}", Ready: "exists"}}
		s.Outputs = []task.Output{{Path: "file:///out/{{ biz_date }}", Ready: "_SUCCESS"}}
		s.ThirdParties = []task.ThirdParty{{Code: "pay", Key: "{{ biz_date }}"}}
		s.Parents = []task.Parent{{Task: "up"}, {Task: "up", Last: true}}
	})
	got, err := family(t, nil).draft(m, daySlot(t, "20150518"), byTimer())
	if err != nil {
		t.Fatal(err)
	}
	if got.TaskID != 1 || got.TaskVersion != 4 || got.ProjectID != 7 || got.WorkNo != "20150518" || got.Priority != 3 || got.Memory != 64 || got.Origin != batch.ByTimer {
		t.Errorf("got %+v, want the task's own", got)
	}
	if want := time.Date(2015, 5, 18, 10, 0, 0, 0, time.UTC).UnixMilli(); got.EarliestAt != want {
		t.Errorf("got earliest %s, want ten o'clock exactly", time.UnixMilli(got.EarliestAt).UTC())
	}
	if got.Inputs[0].Path != "file:///in/20150517" || got.Outputs[0].Path != "file:///out/20150517" || got.Thirds[0].Key != "20150517" {
		t.Errorf("got %v, %v, %v, want yesterday's data", got.Inputs, got.Outputs, got.Thirds)
	}
	want := []store.NewParent{{TaskID: 2, WorkNo: "20150518"}, {TaskID: 2, Last: true}}
	if !slices.Equal(got.Parents, want) {
		t.Errorf("got %v, want %v", got.Parents, want)
	}
}

func TestDeadlines(t *testing.T) {
	t.Parallel()
	made := base().Add(30 * time.Hour)
	cases := []struct {
		name   string
		birth  birth
		offset task.Offset
		want   int64
	}{
		{"NoneWhenNotSet", byTimer(), task.Offset{Minutes: 5}, 0},
		{"TimersCountFromTheBaseTimeEvenWhenLate", birth{origin: batch.ByTimer, now: made}, task.Offset{Set: true, Minutes: 60}, base().Add(time.Hour).UnixMilli()},
		{"PersonsCountFromTheMakingWhenLater", birth{origin: batch.ByColdStart, now: made}, task.Offset{Set: true, Minutes: 60}, made.Add(time.Hour).UnixMilli()},
		{"PersonsCountFromTheBaseTimeWhenThatIsLater", birth{origin: batch.ByExecute, now: base().Add(-time.Second)}, task.Offset{Set: true, Minutes: 60}, base().Add(time.Hour).UnixMilli()},
		{"MayBeTheBaseTimeItself", byTimer(), task.Offset{Set: true}, base().UnixMilli()},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := child(func(s *task.Spec) { s.Timeouts.Depend, s.Timeouts.Output = c.offset, c.offset })
			got, err := family(t, nil).draft(m, daySlot(t, "20150518"), c.birth)
			if err != nil || got.DependDeadline != c.want || got.OutputDeadline != c.want {
				t.Errorf("got %d and %d, %v, want %d", got.DependDeadline, got.OutputDeadline, err, c.want)
			}
		})
	}
}

func TestDraftRefusesWhatTheDatabaseWould(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("长", 201)
	cases := map[string]func(*task.Spec){
		"bytes long":     func(s *task.Spec) { s.Inputs = []task.Input{{Path: "file:///" + strings.Repeat("x", maxPath)}} },
		"characters":     func(s *task.Spec) { s.ThirdParties = []task.ThirdParty{{Code: "pay", Key: long}} },
		"does not exist": func(s *task.Spec) { s.Parents = []task.Parent{{Task: "nobody"}} },
	}
	for text, change := range cases {
		if _, err := family(t, nil).draft(child(change), daySlot(t, "20150518"), byTimer()); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("got %v, want an error with %q", err, text)
		}
	}
	fits := child(func(s *task.Spec) {
		s.ThirdParties = []task.ThirdParty{{Code: "pay", Key: strings.Repeat("长", maxKey)}}
	})
	if _, err := family(t, nil).draft(fits, daySlot(t, "20150518"), byTimer()); err != nil {
		t.Errorf("got %v for the longest key, want no error", err)
	}
}

func TestParentsOutsideTheirValidityAreNotWaitedFor(t *testing.T) {
	t.Parallel()
	cases := []struct {
		no   string
		want int
	}{
		{"20150515", store.DepNotApplicable}, // data of the 14th
		{"20150516", store.DepUnmet},         // data of the 15th: the first day
		{"20150518", store.DepUnmet},         // data of the 17th: the last day
		{"20150519", store.DepNotApplicable},
	}
	c := family(t, func(d *task.Task) { d.Spec.Valid = task.Validity{From: "2015-05-15", To: "2015-05-18"} })
	m := child(func(s *task.Spec) { s.Parents = []task.Parent{{Task: "up"}} })
	for _, k := range cases {
		got, err := c.draft(m, daySlot(t, k.no), byTimer())
		if err != nil || len(got.Parents) != 1 || got.Parents[0].State != k.want {
			t.Errorf("%s: got %v, %v, want state %d", k.no, got.Parents, err, k.want)
		}
	}
}

func TestParentsWindowIsListedOnce(t *testing.T) {
	t.Parallel()
	m := child(func(s *task.Spec) {
		s.Parents = []task.Parent{{Task: "up"}, {Task: "up", Range: &[2]int{-2, 0}}}
	})
	got, err := family(t, nil).draft(m, daySlot(t, "20150518"), byTimer())
	var nos []string
	for _, p := range got.Parents {
		nos = append(nos, p.WorkNo)
	}
	if err != nil || !slices.Equal(nos, []string{"20150518", "20150516", "20150517"}) {
		t.Errorf("got %v, %v, want each work number once", nos, err)
	}
}

func TestSettleKnowsParentsAtBirth(t *testing.T) {
	t.Parallel()
	existing := func(state batch.State, finish batch.Finish) *store.Existing {
		return &store.Existing{State: state, Finish: finish}
	}
	cases := []struct {
		name   string
		no     string
		have   *store.Existing
		change func(*task.Task)
		last   bool
		want   int
	}{
		{"SuccessfulIsMet", "20150518", existing(batch.Done, batch.Success), nil, false, store.DepMet},
		{"FailedIsWaitedFor", "20150518", existing(batch.Done, batch.Failed), nil, false, store.DepUnmet},
		{"RunningIsWaitedFor", "20150518", existing(batch.Running, batch.None), nil, false, store.DepUnmet},
		{"NotMadeYetIsWaitedFor", "20150518", nil, nil, false, store.DepUnmet},
		{"BeforeItsBirthIsNotWaitedFor", "20150509", nil, nil, false, store.DepNotApplicable},
		{"BeforeItsBirthButMadeIsWaitedFor", "20150509", existing(batch.Waiting, batch.None), nil, false, store.DepUnmet},
		{"BeforeItsBirthButSuccessfulIsMet", "20150509", existing(batch.Done, batch.Success), nil, false, store.DepMet},
		{"BeforeItsBirthButInsideItsValidityIsWaitedFor", "20150509", nil, func(d *task.Task) { d.Spec.Valid.From = "2015-01-01" }, false, store.DepUnmet},
		{"TheNewestIsLookedAtByTheCheckAlone", "", existing(batch.Done, batch.Success), nil, true, store.DepUnmet},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := store.NewBatch{Parents: []store.NewParent{{TaskID: 2, WorkNo: c.no, Last: c.last}}}
			exists := map[store.ParentKey]store.Existing{}
			if c.have != nil {
				exists[store.ParentKey{TaskID: 2, WorkNo: c.no}] = *c.have
			}
			family(t, c.change).settle(&b, exists)
			if got := b.Parents[0].State; got != c.want {
				t.Errorf("got %d, want %d", got, c.want)
			}
		})
	}
}
