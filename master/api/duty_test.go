package api

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"capricornus/common/fault"
	"capricornus/common/store/storetest"
	"capricornus/common/wire"
	"capricornus/master/roster"
)

// onDuty is a rig with two people who can be on duty in department data, and
// how often the duty that keeps the roster was told.
type onDuty struct {
	*rig

	rostered atomic.Int32
	today    roster.Day
}

func newDuty(t *testing.T, engine string) *onDuty {
	t.Helper()
	r := &onDuty{rig: newRigOn(t, engine)}
	r.api.Rostered = func() { r.rostered.Add(1) }
	for _, name := range []string{"ann", "bob"} {
		r.person(name, "viewer", "data")
		r.must(http.MethodPost, root+"/users/"+name, "superadmin", map[string]string{"phone": "13800001234" + name[:1], "reason": "duty"}, nil)
	}
	r.rostered.Store(0)
	r.today = roster.DayOf(r.world.DB.Now(), time.UTC)
	return r
}

// day is so many days after today.
func (r *onDuty) day(after int) string { return r.today.Add(after).String() }

// onDutyEngines runs a test on each engine.
func onDutyEngines(t *testing.T, run func(t *testing.T, r *onDuty)) {
	t.Helper()
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			run(t, newDuty(t, engine))
		})
	}
}

func TestWhoIsOnDuty(t *testing.T) {
	t.Parallel()
	onDutyEngines(t, whoIsOnDuty)
}

func whoIsOnDuty(t *testing.T, r *onDuty) {
	t.Helper()
	var rotation wire.DutyRotation
	r.must(http.MethodPost, root+"/duty-rotations/data", "operator", wire.DutyRotationRequest{EveryDays: 7, Members: []string{"ann", "bob"}, Reason: "summer"}, &rotation)
	if rotation.Changed != 31 || rotation.Members[0].Phone != "13800001234a" || r.rostered.Load() != 1 {
		t.Errorf("got %+v, told %d times, want 31 days and the duty told", rotation, r.rostered.Load())
	}
	var rotations wire.DutyRotationList
	r.must(http.MethodGet, root+"/duty-rotations?limit=1", "viewer", nil, &rotations)
	if len(rotations.Items) != 1 || rotations.Next != "" || rotations.Items[0].Department != "data" || rotations.Items[0].Members[1].Phone != "*********34b" || rotations.Items[0].EveryDays != 7 {
		t.Errorf("got %+v, want the one rotation there is", rotations)
	}
	var change wire.DutyChange
	r.must(http.MethodPost, root+"/duty/data/"+r.day(1), "operator", wire.DutyRequest{Primary: "bob", Note: "swap", Until: r.day(2), Reason: "ann is away"}, &change)
	if change.Changed != 2 || len(change.Items) != 2 || change.Items[1].Primary.Name != "bob" || change.Items[0].Source != "manual" || change.Items[0].ChangedBy != "admin" {
		t.Errorf("got %+v, want two days of bob", change)
	}
	var list wire.DutyList
	r.must(http.MethodGet, root+"/duty", "viewer", nil, &list)
	if len(list.Items) != 1 || list.Items[0].Day != r.day(0) || list.Today != r.day(0) || list.Items[0].Primary.Name != "ann" || list.Items[0].Secondary.Name != "bob" || list.Items[0].Source != "rotation" {
		t.Errorf("got %+v, want today", list)
	}
	r.must(http.MethodGet, root+"/duty?department=data&to="+r.day(3)+"&limit=3", "viewer", nil, &list)
	if len(list.Items) != 3 || list.Next == "" || list.Items[2].Note != "swap" {
		t.Errorf("got %+v, want three and that there are more", list)
	}
	next := list.Next
	list = wire.DutyList{}
	r.must(http.MethodGet, root+"/duty?department=data&to="+r.day(3)+"&limit=3&cursor="+next, "viewer", nil, &list)
	if len(list.Items) != 1 || list.Next != "" || list.Items[0].Day != r.day(3) {
		t.Errorf("got %+v, want the last one", list)
	}
	r.must(http.MethodPost, root+"/duty/data/"+r.day(1)+"/clear", "operator", wire.DutyClearRequest{Until: r.day(2), Reason: "ann is back"}, &change)
	if change.Changed != 2 || change.Items[0].Primary.Name != "ann" || change.Items[0].Source != "rotation" {
		t.Errorf("got %+v, want the rotation's again", change)
	}
	r.must(http.MethodPost, root+"/duty-rotations/data/delete", "operator", wire.ReasonRequest{Reason: "over"}, &change)
	if p := r.problem(http.MethodGet, root+"/duty-rotations/data", "viewer", nil); change.Changed != 31 || p.Code != string(fault.NotFound) || !strings.Contains(p.Hint, "capri duty rotation set data") {
		t.Errorf("got %+v and %+v, want no rotation and what puts one", change, p)
	}
}

func TestNumbersAreForThoseWhoCall(t *testing.T) {
	t.Parallel()
	r := newDuty(t, storetest.SQLite)
	r.must(http.MethodPost, root+"/duty-rotations/data", "operator", wire.DutyRotationRequest{EveryDays: 7, Members: []string{"ann", "bob"}, Reason: "summer"}, nil)
	for token, want := range map[string][2]string{"viewer": {"*********34a", "*********34b"}, "developer": {"*********34a", "*********34b"}, "operator": {"13800001234a", "13800001234b"}, r.loginToken("ann"): {"13800001234a", "*********34b"}} {
		var list wire.DutyList
		var rotation wire.DutyRotation
		r.must(http.MethodGet, root+"/duty", token, nil, &list)
		r.must(http.MethodGet, root+"/duty-rotations/data", token, nil, &rotation)
		if got := list.Items[0]; got.Primary.Phone != want[0] || got.Secondary.Phone != want[1] || rotation.Members[1].Phone != want[1] {
			t.Errorf("%s: got %+v, %+v and %+v, want %v", token, got.Primary, got.Secondary, rotation.Members, want)
		}
	}
	var mine wire.DutyList
	r.must(http.MethodGet, root+"/duty/me", r.loginToken("bob"), nil, &mine)
	if len(mine.Items) != 31 || mine.Items[0].Secondary.Phone != "13800001234b" || mine.Items[0].Primary.Phone != "*********34a" {
		t.Errorf("got %d shifts, want all 31 of the next month", len(mine.Items))
	}
}

func TestGapsOfTheRoster(t *testing.T) {
	t.Parallel()
	r := newDuty(t, storetest.SQLite)
	gaps := func(query string) wire.DutyGapList {
		var list wire.DutyGapList
		r.must(http.MethodGet, root+"/duty/gaps"+query, "viewer", nil, &list)
		return list
	}
	if got := gaps(""); len(got.Items) != 0 || got.Platform != "" || got.To != r.day(3) {
		t.Errorf("got %+v, want none of departments without a roster", got)
	}
	r.must(http.MethodPost, root+"/settings/platform_department", "superadmin", wire.SettingRequest{Value: "data"}, nil)
	if r.rostered.Load() != 1 {
		t.Errorf("got told %d times, want the duty told of a setting", r.rostered.Load())
	}
	if got := gaps("?days=0"); len(got.Items) != 1 || got.Items[0].What != "nobody" || !got.Items[0].Platform || !strings.Contains(got.Items[0].Text, "capri duty set data") {
		t.Errorf("got %+v, want that nobody is on duty for the platform", got)
	}
	r.must(http.MethodPost, root+"/duty/data/"+r.day(0), "operator", wire.DutyRequest{Primary: "ann", Secondary: "bob", Until: r.day(30), Reason: "r"}, nil)
	if got := gaps("?days=30"); len(got.Items) != 0 {
		t.Errorf("got %+v, want none", got)
	}
	r.rostered.Store(0)
	r.must(http.MethodPost, root+"/users/bob", "superadmin", `{"enabled": false, "reason": "left"}`, nil)
	if got := gaps(""); len(got.Items) != 4 || got.Items[0].What != "disabled" || got.Items[0].Person != "bob" || r.rostered.Load() != 1 {
		t.Errorf("got %+v, told %d times, want bob missed at once", got, r.rostered.Load())
	}
	var list wire.DutyList
	r.must(http.MethodGet, root+"/duty?department=data", "viewer", nil, &list)
	if got := list.Items[0]; len(got.Gaps) != 1 || got.Gaps[0] != "disabled" || got.Secondary.Enabled {
		t.Errorf("got %+v, want the gap beside the day", got)
	}
}

func TestARosterIsImportedAsAWhole(t *testing.T) {
	t.Parallel()
	onDutyEngines(t, importedAsAWhole)
}

func importedAsAWhole(t *testing.T, r *onDuty) {
	t.Helper()
	text := "department,day,primary,secondary\ndata," + r.day(0) + ",ann,bob\ndata," + r.day(1) + ",bob,ghost\n"
	var reply wire.DutyImportReply
	r.must(http.MethodPost, root+"/duty/import", "operator", wire.DutyImportRequest{File: "hr.csv", Text: text}, &reply)
	if reply.Imported || len(reply.Findings) != 1 || reply.Findings[0].Line != 3 || reply.Findings[0].File != "hr.csv" || !strings.Contains(reply.Findings[0].Message, `no user "ghost"`) {
		t.Errorf("got %+v, want what is wrong with line 3", reply)
	}
	text = strings.ReplaceAll(text, "ghost", "ann")
	for _, dry := range []bool{true, false} {
		r.rostered.Store(0)
		r.must(http.MethodPost, root+"/duty/import", "operator", wire.DutyImportRequest{Text: text, DryRun: dry}, &reply)
		if reply.Imported == dry || reply.Added != 2 || len(reply.Items) != 2 || reply.Items[1].After.Primary != "bob" || (r.rostered.Load() == 0) != dry {
			t.Errorf("dry run %v: got %+v, want two days", dry, reply)
		}
	}
	var list wire.DutyList
	r.must(http.MethodGet, root+"/duty?department=data&to="+r.day(1), "viewer", nil, &list)
	if len(list.Items) != 2 || list.Items[1].Source != "import" || list.Items[1].Secondary.Name != "ann" {
		t.Errorf("got %+v, want what was imported", list)
	}
}

func TestDutyThatIsRefused(t *testing.T) {
	t.Parallel()
	r := newDuty(t, storetest.SQLite)
	for _, c := range []struct {
		method, path string
		body         any
		code         fault.Code
		says         string
	}{
		{http.MethodGet, "/duty?department=nowhere", nil, fault.NotFound, `no department "nowhere"`},
		{http.MethodGet, "/duty?from=yesterday", nil, fault.Invalid, "is no day"},
		{http.MethodGet, "/duty?cursor=eCx5", nil, fault.Invalid, "cursor"},
		{http.MethodGet, "/duty/gaps?days=99", nil, fault.Invalid, "days"},
		{http.MethodPost, "/duty/data/" + r.day(-1), wire.DutyRequest{Primary: "ann", Reason: "r"}, fault.Invalid, "is over"},
		{http.MethodPost, "/duty/data/" + r.day(0), wire.DutyRequest{Primary: "ann"}, fault.Invalid, "reason"},
		{http.MethodPost, "/duty/nowhere/" + r.day(0), wire.DutyRequest{Primary: "ann", Reason: "r"}, fault.NotFound, "capri department list"},
		{http.MethodPost, "/duty/data/" + r.day(0) + "/clear", wire.DutyClearRequest{}, fault.Invalid, "reason"},
		{http.MethodPost, "/duty-rotations/data", wire.DutyRotationRequest{EveryDays: 0, Members: []string{"ann"}, Reason: "r"}, fault.Invalid, "1 to 366"},
		{http.MethodPost, "/duty-rotations/data/delete", wire.ReasonRequest{Reason: "r"}, fault.NotFound, "has no rotation"},
	} {
		if p := r.problem(c.method, root+c.path, "operator", c.body); p.Code != string(c.code) || !strings.Contains(p.Detail+p.Hint, c.says) {
			t.Errorf("%s: got %+v, want %s %q", c.path, p, c.code, c.says)
		}
	}
}
