package roster

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"capricornus/common/fault"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/common/wire"
)

// rig is a roster over a real database with two departments and four users, one
// of them disabled.
type rig struct {
	*Roster

	t     *testing.T
	world *storetest.World
	by    By
	today Day
	ids   map[string]int64
}

func onEngines(t *testing.T, run func(r *rig)) {
	t.Helper()
	t.Parallel()
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			db := storetest.Open(t, engine)
			w := storetest.NewWorld(t, db)
			noon := time.FixedZone("noon", (12-db.Now().UTC().Hour())*3600) // the day does not end while the test runs
			r := &rig{Roster: New(Deps{DB: db, Zone: noon}), t: t, world: w, by: By{Actor: store.Actor{Kind: "person", ID: "admin"}, Source: "here"}, ids: map[string]int64{}}
			r.today = DayOf(db.Now(), noon)
			r.operate(func(ctx context.Context, o *store.OperateTx) error {
				for i, name := range []string{"dw", "ops"} {
					r.ids[name] = int64(900 + i)
					r.must(o.PutDepartment(ctx, r.ids[name], name))
				}
				for i, name := range []string{"ann", "bob", "eve", "joe"} {
					r.ids[name] = int64(800 + i)
					r.must(o.AddPerson(ctx, store.Person{ID: r.ids[name], Name: name, Role: "viewer", Phone: "1380000" + name, IsEnabled: name != "eve"}))
				}
				return nil
			})
			run(r)
		})
	}
}

func (r *rig) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatalf("got %v, want no error", err)
	}
}

func (r *rig) operate(fn func(context.Context, *store.OperateTx) error) {
	r.t.Helper()
	r.must(r.DB.Operate(r.t.Context(), r.by.Actor, func(o *store.OperateTx) error { return fn(r.t.Context(), o) }))
}

func (r *rig) setting(key, value string) {
	r.t.Helper()
	r.operate(func(ctx context.Context, o *store.OperateTx) error { return o.PutSetting(ctx, key, value) })
}

// enable lets a user in, or shuts one out.
func (r *rig) enable(name string, enabled bool) {
	r.t.Helper()
	r.operate(func(ctx context.Context, o *store.OperateTx) error {
		p, err := o.LockPerson(ctx, name)
		r.must(err)
		p.IsEnabled = enabled
		return o.SavePerson(ctx, p)
	})
}

// keep makes passes of the duty and tells how many days they have changed.
func (r *rig) keep() int {
	r.t.Helper()
	rows := 0
	for {
		pass, err := r.Keep(r.t.Context(), r.world.Lead)
		r.must(err)
		if rows += pass.Rows; !pass.More {
			return rows
		}
	}
}

func (r *rig) rotation(department string, every int, members ...string) wire.DutyRotation {
	r.t.Helper()
	out, err := r.PutRotation(r.t.Context(), r.by, department, wire.DutyRotationRequest{EveryDays: every, Members: members, Reason: "test"})
	r.must(err)
	return out
}

func (r *rig) set(department string, after int, q wire.DutyRequest) wire.DutyChange {
	r.t.Helper()
	q.Reason = "test"
	out, err := r.Set(r.t.Context(), r.by, Days{Department: department, Day: r.today.Add(after).String()}, q)
	r.must(err)
	return out
}

// rows are the days of a department as they are written, by days after today.
func (r *rig) rows(department string) map[int]string {
	r.t.Helper()
	names := map[int64]string{}
	for name, id := range r.ids {
		names[id] = name
	}
	out := map[int]string{}
	r.must(r.DB.View(r.t.Context(), func(t *store.ViewTx) error {
		rows, err := t.Duties(r.t.Context(), []int64{r.ids[department]}, 0, 99991231)
		for _, row := range rows {
			out[Day(row.Day).Since(r.today)] = strings.TrimSpace(fmt.Sprintf("%s/%s %s %s", names[row.PrimaryID], names[row.SecondaryID], row.Source, row.Note))
		}
		return err
	}))
	return out
}

func (r *rig) want(department string, after int, want string) {
	r.t.Helper()
	if got := r.rows(department)[after]; got != want {
		r.t.Errorf("%s, %d days after today: got %q, want %q", department, after, got, want)
	}
}

// alerts are those that were raised, by level, object and occurrence.
func (r *rig) alerts() []string {
	r.t.Helper()
	var out []string
	r.must(r.DB.View(r.t.Context(), func(t *store.ViewTx) error {
		rows, err := t.Alerts(r.t.Context(), store.AlertFilter{Kind: store.AlertDutyGap, Limit: 500})
		for i := range rows {
			department, day, _ := strings.Cut(rows[i].Object, "/")
			at, bad := ParseDay(day)
			r.must(bad)
			out = append(out, fmt.Sprintf("%s %s+%d %s", rows[i].Level, department, at.Since(r.today), rows[i].Occurrence))
		}
		return err
	}))
	return out
}

func TestRotationsFillTheNextMonth(t *testing.T) {
	onEngines(t, func(r *rig) {
		if got := r.rotation("dw", 7, "ann", "bob"); got.Changed != 31 || len(got.Members) != 2 || got.Members[1].Name != "bob" || got.StartDay != r.today.String() {
			r.t.Errorf("got %+v, want 31 days from today", got)
		}
		if got := r.keep(); got != 0 {
			r.t.Errorf("got %d days changed, want all there already", got)
		}
		r.want("dw", 0, "ann/bob rotation")
		r.want("dw", 7, "bob/ann rotation")
		r.want("dw", 30, "ann/bob rotation")
		r.want("dw", 31, "")
		r.set("dw", 7, wire.DutyRequest{Primary: "joe", Note: "swap"})
		if got := r.rotation("dw", 1, "bob", "ann").Changed; got == 0 || got > 30 {
			r.t.Errorf("got %d days rewritten, want those of the rotation that are others now", got)
		}
		r.want("dw", 0, "bob/ann rotation")
		r.want("dw", 1, "ann/bob rotation")
		r.want("dw", 7, "joe/ manual swap")
		r.enable("bob", false)
		if got := r.keep(); got != 30 {
			r.t.Errorf("got %d days changed, want 30: bob is skipped", got)
		}
		r.want("dw", 0, "ann/ rotation bob is skipped: disabled")
		r.want("dw", 7, "joe/ manual swap")
		r.enable("bob", true)
		r.keep()
		r.want("dw", 0, "bob/ann rotation")
		change, err := r.DropRotation(r.t.Context(), r.by, "dw", "test")
		r.must(err)
		if rows := r.rows("dw"); change.Changed != 30 || len(rows) != 1 || rows[7] != "joe/ manual swap" {
			r.t.Errorf("got %d changed and %v, want what was set by hand alone", change.Changed, rows)
		}
		_, err = r.Rotation(r.t.Context(), "dw")
		if fault.CodeOf(err) != fault.NotFound {
			r.t.Errorf("got %v, want no rotation any more", err)
		}
	})
}

func TestWhatTheDutyFillsIsInTheAuditLog(t *testing.T) {
	onEngines(t, func(r *rig) {
		r.rotation("dw", 7, "ann", "bob")
		r.rotation("ops", 7, "joe", "ann")
		r.keep()
		if got := r.world.Figure("SELECT COUNT(*) FROM capri_audit_log WHERE action = 'duty.fill'"); got != 0 {
			r.t.Errorf("got %d rows, want none: nothing has changed", got)
		}
		r.world.Change(fmt.Sprintf("DELETE FROM capri_duty WHERE departmentId = 900 AND day >= %d", r.today.Add(29)))
		r.enable("joe", false)
		r.keep()
		r.keep()
		got := r.world.Text("SELECT CONCAT(actor, ' ', object, ' ', detail) FROM capri_audit_log WHERE action = 'duty.fill'")
		if want := `roster rotations {"before":null,"after":{"dw":2,"ops":31}}`; got != want || r.world.Figure("SELECT COUNT(*) FROM capri_audit_log WHERE action = 'duty.fill'") != 1 {
			r.t.Errorf("got %s, want %s once", got, want)
		}
	})
}

func TestTheDutyFillsWhatComesNear(t *testing.T) {
	onEngines(t, func(r *rig) {
		r.rotation("dw", 7, "ann", "bob")
		last := int(r.today.Add(30))
		r.world.Change(fmt.Sprintf("DELETE FROM capri_duty WHERE day = %d", last)) // as if it had been yesterday
		if got := r.keep(); got != 1 {
			r.t.Errorf("got %d days changed, want the one that is new", got)
		}
		r.want("dw", 30, "ann/bob rotation")
		r.world.Change(fmt.Sprintf("INSERT INTO capri_duty (departmentId, day, primaryId, secondaryId, source, note, changedBy, changedAt) VALUES (900, %d, 800, 0, 'manual', '', '', 1), (900, %d, 800, 0, 'manual', '', '', 1)",
			r.today.Add(-400), r.today.Add(-401)))
		if got := r.keep(); got != 1 {
			r.t.Errorf("got %d days changed, want the one deleted that is older than 400 days", got)
		}
		r.want("dw", -400, "ann/ manual")
		r.want("dw", -401, "")
	})
}

func TestGapsAreToldOnceAndAhead(t *testing.T) {
	onEngines(t, func(r *rig) {
		r.keep()
		if got := r.alerts(); len(got) != 0 {
			r.t.Errorf("got %q, want nothing of departments that have no roster", got)
		}
		r.setting(store.SettingPlatformDepartment, "ops")
		r.set("dw", 1, wire.DutyRequest{Primary: "ann", Secondary: "bob"})
		r.set("dw", 4, wire.DutyRequest{Primary: "ann", Secondary: "bob"})
		r.set("ops", 0, wire.DutyRequest{Primary: "ann", Secondary: "bob", Until: r.today.Add(2).String()})
		for range 2 {
			r.keep()
		}
		want := "important ops+3 nobody; notice dw+0 nobody; notice dw+2 nobody; notice dw+3 nobody"
		if got := sortedText(r.alerts()); got != want {
			r.t.Errorf("got %s, want %s", got, want)
		}
		r.enable("bob", false)
		r.setting(store.SettingDutyGapDays, "1")
		r.world.Change("UPDATE capri_user SET phone = '' WHERE name = 'ann'")
		r.keep()
		want = "important ops+0 disabled bob; important ops+0 no-phone ann; important ops+1 disabled bob; important ops+1 no-phone ann; " +
			"important ops+3 nobody; notice dw+0 nobody; notice dw+1 disabled bob; notice dw+2 nobody; notice dw+3 nobody"
		if got := sortedText(r.alerts()); got != sortedText(strings.Split(want, "; ")) {
			r.t.Errorf("got %s, want %s", got, want)
		}
		gaps, err := r.Gaps(r.t.Context(), "ops", 30)
		r.must(err)
		if len(gaps.Items) != 3*2+28 || gaps.Platform != "ops" || !gaps.Items[0].Platform || !strings.Contains(gaps.Items[0].Text, "capri ") {
			r.t.Errorf("got %d gaps, first %+v, want six of people and 28 days without anybody", len(gaps.Items), gaps.Items[:1])
		}
		r.setting(store.SettingPlatformDepartment, "nowhere")
		r.keep()
		if got := strings.Join(r.alerts(), "; "); !strings.Contains(got, "important nowhere+0 no-department") {
			r.t.Errorf("got %s, want that the platform has no department", got)
		}
	})
}

func sortedText(parts []string) string {
	return strings.Join(slices.Sorted(slices.Values(parts)), "; ")
}
