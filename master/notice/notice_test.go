package notice_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"capricornus/common/fault"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/common/wire"
	"capricornus/master/notice"
	"capricornus/master/notice/rule"
)

// rig is a reader over a world with a platform and a data department.
type rig struct {
	*storetest.World
	t              *testing.T
	reader         *notice.Reader
	platform, data int64
	users          map[string]int64
}

func newRig(t *testing.T, db *store.DB) *rig {
	t.Helper()
	r := &rig{World: storetest.NewWorld(t, db), t: t, users: map[string]int64{}}
	r.reader = &notice.Reader{DB: db, Defs: store.NewDefinitions(db, 10_000), Zone: time.UTC}
	ids := r.IDs(2)
	r.platform, r.data = ids[0], ids[1]
	r.operate(func(ctx context.Context, t *store.OperateTx) error {
		if err := t.PutDepartment(ctx, r.platform, "ops"); err != nil {
			return err
		}
		if err := t.PutDepartment(ctx, r.data, "dwh"); err != nil {
			return err
		}
		return t.PutSetting(ctx, store.SettingPlatformDepartment, "ops")
	})
	for _, p := range []store.Person{
		{Name: "pri", Role: "operator", DepartmentID: r.platform, Phone: "13800000001", Mail: "pri@x", IsEnabled: true},
		{Name: "sec", Role: "admin", DepartmentID: r.platform, Phone: "13800000002", Mail: "sec@x", IsEnabled: true, Lang: "zh"},
		{Name: "ann", Role: "developer", DepartmentID: r.data, Phone: "13800000003", Mail: "ann@x", IsEnabled: true, Title: "Ann"},
		{Name: "bob", Role: "developer", DepartmentID: r.data, Phone: "13800000004", Mail: "bob@x", IsEnabled: true},
		{Name: "old", Role: "developer", DepartmentID: r.data, Phone: "13800000005", Mail: "old@x"},
		{Name: "eve", Role: "viewer", Phone: "13800000006", Mail: "eve@x", IsEnabled: true},
	} {
		r.person(p)
	}
	r.onDuty(r.platform, "pri", "sec")
	return r
}

func (r *rig) operate(fn func(context.Context, *store.OperateTx) error) {
	r.t.Helper()
	ctx := r.t.Context()
	if err := r.DB.Operate(ctx, store.Actor{Kind: "person", ID: "admin"}, func(t *store.OperateTx) error { return fn(ctx, t) }); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) person(p store.Person) {
	r.t.Helper()
	p.ID = r.IDs(1)[0]
	r.users[p.Name] = p.ID
	r.operate(func(ctx context.Context, t *store.OperateTx) error { return t.AddPerson(ctx, p) })
}

// onDuty writes who is on duty today.
func (r *rig) onDuty(department int64, primary, secondary string) {
	r.t.Helper()
	day, err := strconv.Atoi(r.DB.Now().UTC().Format("20060102"))
	if err != nil {
		r.t.Fatal(err)
	}
	r.operate(func(ctx context.Context, t *store.OperateTx) error {
		return t.PutDuties(ctx, []store.Duty{{DepartmentID: department, Day: day, PrimaryID: r.users[primary], SecondaryID: r.users[secondary], Source: store.DutyByHand}})
	})
}

// task makes a task of ann's with alerts, JSON, and returns its name and id.
func (r *rig) task(alerts string, change ...func(*store.TaskSave)) (name string, id int64) {
	r.t.Helper()
	id = r.Task(append([]func(*store.TaskSave){func(s *store.TaskSave) {
		s.OwnerID, s.Definition, name = r.users["ann"], `{"spec":{"success":"exit-code","alerts":`+alerts+`}}`, s.Name
	}}, change...)...)
	return name, id
}

func (r *rig) grant(task int64, user string, sms, mail bool) {
	r.t.Helper()
	r.operate(func(ctx context.Context, t *store.OperateTx) error {
		_, err := t.PutAlertRight(ctx, store.AlertRight{TaskID: task, UserID: r.users[user], SMS: sms, Mail: mail})
		return err
	})
}

// explain says who is told and who is not, a word for each.
func (r *rig) explain(ask wire.ExplainAlertRequest) (told, untold []string, all wire.AlertExplanation) {
	r.t.Helper()
	all, err := r.reader.Explain(r.t.Context(), ask, true)
	if err != nil {
		r.t.Fatalf("%+v: %v", ask, err)
	}
	for _, to := range all.Told {
		told = append(told, to.Channel+":"+to.User+":"+to.Rule)
	}
	for _, u := range all.Untold {
		untold = append(untold, u.Channel+":"+u.User+":"+u.Reason)
	}
	return told, untold, all
}

func (r *rig) want(ask wire.ExplainAlertRequest, told, untold string) wire.AlertExplanation {
	r.t.Helper()
	gotTold, gotUntold, all := r.explain(ask)
	if strings.Join(gotTold, " ") != told || strings.Join(gotUntold, " ") != untold {
		r.t.Errorf("%+v: got\n%q told, %q not\nwant\n%q told, %q not", ask, gotTold, gotUntold, told, untold)
	}
	return all
}

func TestExplainReadsWhatTheRulesGoBy(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, storetest.Open(t, engine))
			name, id := r.task(`{"default":true,"phone":{"enabled":true,"to":["old","10086"]},"mail":["eve"]}`)
			r.grant(id, "eve", true, false)
			r.grant(id, "old", false, true)
			r.onDuty(r.data, "old", "bob")
			ask := wire.ExplainAlertRequest{Task: name, Kind: store.AlertBatchFailed, Lang: "zh"}
			all := r.want(ask, "phone::phone-switch sms:bob:default-duty sms:eve:sms-right mail:ann:default-department mail:bob:default-department mail:eve:sms-right",
				"phone:old:disabled sms:old:disabled mail:old:disabled")
			if all.Level != "task" || !all.ByTask || all.Owner != "ann" || all.Duty.Department != "dwh" || all.Duty.Primary != "old" || all.Platform != (wire.AlertDuty{Department: "ops", Primary: "pri", Secondary: "sec"}) ||
				all.Day != r.DB.Now().UTC().Format(time.DateOnly) || all.Told[3].Because != rule.DefaultDepartment.In("zh") || all.Told[3].Title != "Ann" || all.Untold[0].Why != "用户已停用" {
				t.Errorf("got %+v, want all that it goes by", all)
			}
			r.want(wire.ExplainAlertRequest{Task: name, Kind: store.AlertOverMemory},
				"phone:pri:admins-primary phone:sec:admins-secondary sms:pri:admins-primary sms:sec:admins-secondary mail:sec:admins-mail", "mail:admin:no-mail")
			r.want(wire.ExplainAlertRequest{Task: name, Kind: "external.disk-full", Level: "notice"},
				"phone::phone-switch sms:bob:default-duty sms:eve:sms-right mail:ann:default-department mail:bob:default-department mail:eve:sms-right mail:sec:admins-mail",
				"phone:old:disabled sms:old:disabled mail:admin:no-mail mail:old:disabled")
			r.want(wire.ExplainAlertRequest{Level: "notice"}, "mail:sec:admins-mail", "mail:admin:no-mail")
			r.aDayOfAnother(name)
		})
	}
}

// aDayOfAnother: nobody is on duty yesterday or where the platform has no
// department.
func (r *rig) aDayOfAnother(task string) {
	r.t.Helper()
	r.operate(func(ctx context.Context, t *store.OperateTx) error {
		return t.PutSetting(ctx, store.SettingPlatformDepartment, "gone")
	})
	all := r.want(wire.ExplainAlertRequest{Level: "important"}, "mail:sec:admins-mail", strings.Repeat("sms::nobody-on-duty ", 2)+"mail:admin:no-mail")
	if all.Platform != (wire.AlertDuty{}) {
		r.t.Errorf("got %+v, want no department of the platform", all.Platform)
	}
	r.reader.Zone = time.FixedZone("far", int((-72 * time.Hour).Seconds())) // three days ago
	told, untold, _ := r.explain(wire.ExplainAlertRequest{Task: task})
	if slices.Contains(told, "sms:bob:default-duty") || !slices.Contains(untold, "sms::nobody-on-duty") {
		r.t.Errorf("got %q told and %q not, want nobody on duty on another day", told, untold)
	}
}

func TestATaskThatIsDeletedIsToldOfStill(t *testing.T) {
	t.Parallel()
	r := newRig(t, storetest.Open(t, storetest.SQLite))
	name, id := r.task(`{"ownerOnly":true}`, func(s *store.TaskSave) { s.Priority = 9 })
	definition := `{"spec":{"alerts":{"ownerOnly":true}}}`
	r.operate(func(ctx context.Context, t *store.OperateTx) error {
		return t.TurnTask(ctx, store.SavedVersion{Version: store.Version{TaskID: id, Version: 2, Definition: definition, IsDeleted: true}})
	})
	var q, gone rule.Question
	err := r.DB.View(t.Context(), func(tx *store.ViewTx) error {
		a, err := r.reader.Audience(t.Context(), tx, []int64{id, 4711})
		if err == nil {
			q, gone = a.Question(store.AlertBatchFailed, store.LevelTask, id), a.Question(store.AlertBatchFailed, store.LevelTask, 4711)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if told, _ := rule.Decide(q); len(told) != 1 || told[0].Person.Name != "ann" || told[0].Rule != rule.OwnerOnly {
		t.Errorf("%s: got %+v, want its owner told", name, told)
	}
	if told, _ := rule.Decide(gone); len(told) != 1 || told[0].Rule != rule.AdminsInstead {
		t.Errorf("got %+v, want administrators told of what nobody knows", told)
	}
}

func TestWhatCannotBeExplained(t *testing.T) {
	t.Parallel()
	r := newRig(t, storetest.Open(t, storetest.SQLite))
	name, _ := r.task(`{}`)
	for _, c := range []struct {
		ask  wire.ExplainAlertRequest
		code fault.Code
		want string
	}{
		{wire.ExplainAlertRequest{Task: "ghost"}, fault.NotFound, "ghost"},
		{wire.ExplainAlertRequest{Task: name, Level: "grave"}, fault.Invalid, "grave"},
		{wire.ExplainAlertRequest{Task: name, Lang: "fr"}, fault.Invalid, "fr"},
		{wire.ExplainAlertRequest{}, fault.Invalid, "about a task"},
		{wire.ExplainAlertRequest{Kind: store.AlertBatchFailed}, fault.Invalid, "about a task"},
		{wire.ExplainAlertRequest{Kind: "external.disk"}, fault.Invalid, "raised with"},
		{wire.ExplainAlertRequest{Kind: store.AlertWorkerLost}, fault.Invalid, "no level of their own"},
	} {
		_, err := r.reader.Explain(t.Context(), c.ask, false)
		if err == nil || fault.CodeOf(err) != c.code || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: got %v, want %s about %q", c.ask, err, c.code, c.want)
		}
	}
}

func TestNumbersAndAddressesAreMasked(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{"13800138000": "********000", "110": "***", "9": "*", "+86 138": "****138"} {
		if got := notice.Masked(address, rule.SMS); got != want {
			t.Errorf("%s: got %s, want %s", address, got, want)
		}
	}
	for address, want := range map[string]string{"ann@x.org": "a…@x.org", "李雷@x": "李…@x", "nobody": "…"} {
		if got := notice.Masked(address, rule.Mail); got != want {
			t.Errorf("%s: got %s, want %s", address, got, want)
		}
	}
	r := newRig(t, storetest.Open(t, storetest.SQLite))
	name, _ := r.task(`{"sms":["13911112222","(12"],"mail":["team@x"]}`)
	all, err := r.reader.Explain(t.Context(), wire.ExplainAlertRequest{Task: name}, false)
	if err != nil || len(all.Told) != 2 || all.Told[0].Address != "********222" || all.Told[1].Address != "t…@x" || len(all.Untold) != 1 || all.Untold[0].User != "***" {
		t.Errorf("got %+v and error %v, want them masked", all, err)
	}
}

// TestManyAlertsCostAHandfulOfStatements reads for 10,000 alerts of 2,000 tasks.
func TestManyAlertsCostAHandfulOfStatements(t *testing.T) {
	t.Parallel()
	faults := &storetest.Faults{}
	cfg := storetest.Fresh(t, storetest.SQLite)
	cfg.Wrap = faults.Wrap
	db := storetest.Connect(t, cfg)
	if _, err := db.Migrate(t.Context(), storetest.Zone); err != nil {
		t.Fatal(err)
	}
	r := newRig(t, db)
	const tasks, alerts, mostStatements = 2000, 10_000, 18
	var saves []store.TaskSave
	for i, id := range r.IDs(tasks) {
		saves = append(saves, store.TaskSave{
			ID: id, Name: "many_" + strconv.Itoa(i), ProjectID: r.Project, OwnerID: r.users["ann"], Period: 1, TaskBeginTime: -1, Version: 1,
			Definition: fmt.Sprintf(`{"spec":{"alerts":{"default":true,"mail":["team%d@x"]}}}`, i),
		})
	}
	r.operate(func(ctx context.Context, t *store.OperateTx) error { return t.SaveTasks(ctx, saves, "") })
	for round, most := range []int{mostStatements, mostStatements - 5} { // the second time the definitions are known
		statements, told := 0, 0
		ids := make([]int64, 0, alerts)
		for i := range alerts {
			ids = append(ids, saves[i%tasks].ID)
		}
		faults.WatchText(func(string) { statements++ })
		var audience *notice.Audience
		err := db.View(t.Context(), func(tx *store.ViewTx) (err error) {
			audience, err = r.reader.Audience(t.Context(), tx, ids)
			return err
		})
		faults.Watch(nil)
		if err != nil {
			t.Fatal(err)
		}
		if round > 0 {
			ids = ids[:tasks]
		}
		for _, id := range ids {
			to, _ := rule.Decide(audience.Question(store.AlertBatchFailed, store.LevelTask, id))
			told += len(to)
		}
		if statements > most || told != 3*len(ids) {
			t.Errorf("round %d: got %d statements and %d told, want at most %d and %d", round, statements, told, most, 3*len(ids))
		}
	}
}

// TestLevelsAreTheStores holds that the rules, which are pure, know the levels
// that are recorded.
func TestLevelsAreTheStores(t *testing.T) {
	t.Parallel()
	for got, want := range map[string]string{
		rule.Critical: store.LevelCritical, rule.Important: store.LevelImportant, rule.Notice: store.LevelNotice, rule.ByTask: store.LevelTask,
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
