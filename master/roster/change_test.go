package roster

import (
	"encoding/json"
	"strings"
	"testing"

	"capricornus/common/fault"
	"capricornus/common/store"
	"capricornus/common/wire"
)

func TestPeopleComeBeforeTheRotation(t *testing.T) {
	onEngines(t, func(r *rig) {
		r.rotation("dw", 7, "ann", "bob")
		change := r.set("dw", 2, wire.DutyRequest{Primary: "joe", Secondary: "ann", Note: "swap", Until: r.today.Add(33).String()})
		if change.Changed != 32 || len(change.Items) != 32 || change.Items[0].Primary.Name != "joe" || change.Items[0].Source != store.DutyByHand || change.Items[0].ChangedBy != "admin" {
			r.t.Errorf("got %d changed and %+v, want 32 days of joe", change.Changed, change.Items[0])
		}
		r.keep()
		r.want("dw", 1, "ann/bob rotation")
		r.want("dw", 33, "joe/ann manual swap")
		change, err := r.Clear(r.t.Context(), r.by, Days{"dw", r.today.Add(1).String(), r.today.Add(33).String()}, "back")
		r.must(err)
		if last := change.Items[32]; change.Changed != 32 || last.Source != store.DutyByRotation || last.Primary.Name != "ann" {
			r.t.Errorf("got %d changed, at last %+v, want the rotation's, also where it has not been written yet", change.Changed, last)
		}
		r.want("dw", 2, "ann/bob rotation")
		r.want("dw", 31, "")
		if again := r.set("dw", 2, wire.DutyRequest{Primary: "ann", Secondary: "bob"}); again.Changed != 1 {
			r.t.Errorf("got %d changed, want the day changed by who says so", again.Changed)
		}
	})
}

func TestChangesThatAreRefused(t *testing.T) {
	onEngines(t, func(r *rig) {
		good := wire.DutyRequest{Primary: "ann", Secondary: "bob", Reason: "test"}
		days := Days{Department: "dw", Day: r.today.String()}
		for name, c := range map[string]struct {
			change func(*Days, *wire.DutyRequest)
			code   fault.Code
			says   string
		}{
			"Yesterday":          {func(d *Days, _ *wire.DutyRequest) { d.Day = r.today.Add(-1).String() }, fault.Invalid, "is over"},
			"FarAhead":           {func(d *Days, _ *wire.DutyRequest) { d.Day = r.today.Add(401).String() }, fault.Invalid, "days ahead"},
			"TooMany":            {func(_ *Days, q *wire.DutyRequest) { q.Until = r.today.Add(92).String() }, fault.Invalid, "more than 92"},
			"Backwards":          {func(_ *Days, q *wire.DutyRequest) { q.Until = r.today.Add(-1).String() }, fault.Invalid, "the earlier one first"},
			"NoDay":              {func(d *Days, _ *wire.DutyRequest) { d.Day = "monday" }, fault.Invalid, "write yyyyMMdd"},
			"NoSuchDepartment":   {func(d *Days, _ *wire.DutyRequest) { d.Department = "nowhere" }, fault.NotFound, "no department"},
			"NobodyFirst":        {func(_ *Days, q *wire.DutyRequest) { q.Primary = "" }, fault.Invalid, "nobody is named"},
			"TheSameTwice":       {func(_ *Days, q *wire.DutyRequest) { q.Secondary = "ann" }, fault.Invalid, "first and second on duty at once"},
			"AStranger":          {func(_ *Days, q *wire.DutyRequest) { q.Primary = "ghost" }, fault.NotFound, "no user"},
			"SomebodyShutOut":    {func(_ *Days, q *wire.DutyRequest) { q.Secondary = "eve" }, fault.Conflict, "is disabled"},
			"WithoutAReason":     {func(_ *Days, q *wire.DutyRequest) { q.Reason = " " }, fault.Invalid, "reason is wanted"},
			"WithANoteTooLong":   {func(_ *Days, q *wire.DutyRequest) { q.Note = strings.Repeat("x", 201) }, fault.Invalid, "at most 200"},
			"WithANoteThatBeeps": {func(_ *Days, q *wire.DutyRequest) { q.Note = "a\ab" }, fault.Invalid, "not shown"},
		} {
			d, q := days, good
			c.change(&d, &q)
			if _, err := r.Set(r.t.Context(), r.by, d, q); fault.CodeOf(err) != c.code || !strings.Contains(err.Error(), c.says) {
				r.t.Errorf("%s: got %v, want %s %q", name, err, c.code, c.says)
			}
		}
		for says, q := range map[string]wire.DutyRotationRequest{
			"makes no sense": {Members: []string{"ann"}, Reason: "r"}, "0 members": {EveryDays: 7, Reason: "r"}, "twice": {EveryDays: 7, Members: []string{"ann", "bob", "ann"}, Reason: "r"},
			"no user": {EveryDays: 7, Members: []string{"ghost"}, Reason: "r"}, "is disabled": {EveryDays: 7, Members: []string{"eve"}, Reason: "r"}, "reason": {EveryDays: 7, Members: []string{"ann"}},
			"would begin": {EveryDays: 7, Members: []string{"ann"}, StartDay: "20010101", Reason: "r"}, "no name": {EveryDays: 7, Members: []string{""}, Reason: "r"},
		} {
			if _, err := r.PutRotation(r.t.Context(), r.by, "dw", q); err == nil || !strings.Contains(err.Error(), says) {
				r.t.Errorf("%+v: got %v, want %q", q, err, says)
			}
		}
		if got := r.rows("dw"); len(got) != 0 || r.world.Figure("SELECT COUNT(*) FROM capri_audit_log WHERE action LIKE 'duty.%'") != 0 {
			r.t.Errorf("got %v, want nothing changed", got)
		}
	})
}

func TestImports(t *testing.T) {
	onEngines(t, func(r *rig) {
		day := func(after int) string { return r.today.Add(after).String() }
		load := func(dry bool, lines ...string) wire.DutyImportReply {
			r.t.Helper()
			out, err := r.Import(r.t.Context(), r.by, wire.DutyImportRequest{File: "hr.csv", Text: strings.Join(lines, "\n"), DryRun: dry})
			r.must(err)
			return out
		}
		r.rotation("ops", 7, "ann", "bob")
		r.set("dw", 1, wire.DutyRequest{Primary: "ann"})
		bad := load(false, "dw,"+day(0)+",ann,bob", "dw,"+day(1)+",ghost,eve", "nowhere,"+day(1)+",ann,bob", "dw,20261331,ann,bob", "dw,"+day(500)+",ann,bob")
		var lines []string
		for _, f := range bad.Findings {
			lines = append(lines, f.File+":"+string(rune('0'+f.Line))+" "+f.Code)
		}
		if got := strings.Join(lines, ", "); bad.Imported || got != "hr.csv:2 user, hr.csv:2 user, hr.csv:3 department, hr.csv:4 day, hr.csv:5 day" || len(bad.Items) != 0 {
			r.t.Errorf("got %s, want every error with its line", got)
		}
		good := []string{"department,day,primary,secondary", "dw," + day(0) + ",ann,bob", "dw," + day(1) + ",bob,ann", "ops," + day(2) + ",joe,", "dw," + day(-1) + ",ann,bob"}
		for _, dry := range []bool{true, false} {
			got := load(dry, good...)
			if got.Imported == dry || got.Added != 1 || got.Changed != 2 || got.Past != 1 || len(got.Items) != 3 || got.Items[1].Before.Source != store.DutyByHand || got.Items[2].Before.Primary != "ann" || got.Items[2].Line != 4 {
				r.t.Errorf("dry run %v: got %+v, want one added and two changed", dry, got)
			}
			if n := len(r.rows("dw")); n != 1 && dry {
				r.t.Errorf("got %d days after a dry run, want nothing changed", n)
			}
		}
		r.keep()
		r.want("dw", 0, "ann/bob import")
		r.want("dw", 1, "bob/ann import")
		r.want("ops", 2, "joe/ import")
		r.want("ops", 3, "ann/bob rotation")
		r.want("dw", -1, "")
		if again := load(false, good...); again.Same != 3 || len(again.Items) != 0 {
			r.t.Errorf("got %+v, want nothing new", again)
		}
		if empty := load(false, "# nothing"); len(empty.Findings) != 1 || empty.Imported {
			r.t.Errorf("got %+v, want that there is nothing in it", empty)
		}
		if n := r.world.Figure("SELECT COUNT(*) FROM capri_audit_log WHERE action = 'duty.import'"); n != 2 {
			r.t.Errorf("got %d audit rows, want one for each import that was made", n)
		}
	})
}

func TestListsGoByDayAndDepartment(t *testing.T) {
	onEngines(t, func(r *rig) {
		r.rotation("dw", 1, "ann", "bob")
		r.set("ops", 1, wire.DutyRequest{Primary: "joe", Secondary: "ann"})
		var got []string
		q := Query{To: r.today.Add(2).String(), Limit: 2}
		for pages := 0; ; pages++ {
			list, more, err := r.List(r.t.Context(), q)
			r.must(err)
			for _, d := range list.Items {
				name := "-"
				if d.Primary != nil {
					name = d.Primary.Name
				}
				at, _ := ParseDay(d.Day)
				got = append(got, d.Department+"+"+string(rune('0'+at.Since(r.today)))+" "+name)
				q.AfterDay, q.After = d.Day, d.Department
			}
			if !more {
				break
			}
			if pages > 5 {
				r.t.Fatalf("got no end: %q", got)
			}
		}
		if text := strings.Join(got, ", "); text != "dw+0 ann, ops+0 -, dw+1 bob, ops+1 joe, dw+2 ann, ops+2 -" {
			r.t.Errorf("got %s, want six in three pages", text)
		}
		mine, err := r.Mine(r.t.Context(), "ann", "", "")
		r.must(err)
		if len(mine.Items) != 32 || mine.Items[1].Department != "dw" || mine.Items[2].Department != "ops" {
			r.t.Errorf("got %d shifts, want 31 of dw and one of ops", len(mine.Items))
		}
		all, _, err := r.List(r.t.Context(), Query{Department: "dw", From: r.today.Add(-2).String(), To: r.today.Add(40).String(), Limit: 500})
		r.must(err)
		if len(all.Items) != 43 || all.Items[0].Primary != nil || all.Items[42].Primary == nil || all.Items[42].ChangedAt != 0 || len(all.Items[0].Gaps) != 0 {
			r.t.Errorf("got %d days, want those that are over as they were, and those far ahead as the rotation will fill them", len(all.Items))
		}
		for says, q := range map[string]Query{"no department": {Department: "nowhere"}, "are none": {From: "20300102", To: "20300101"}, "more than 92": {From: "20300101", To: "20310101"}, "no day": {From: "x"}} {
			q.Limit = 10
			if _, _, err := r.List(r.t.Context(), q); err == nil || !strings.Contains(err.Error(), says) {
				r.t.Errorf("%+v: got %v, want %q", q, err, says)
			}
		}
	})
}

func TestAuditRowsStayWhole(t *testing.T) {
	onEngines(t, func(r *rig) {
		for i := range 3 { // what was differs from what is
			r.set("dw", 0, wire.DutyRequest{Primary: "ann", Note: strings.Repeat("<", 200-i), Until: r.today.Add(91).String()})
		}
		var b strings.Builder
		for i := range 400 {
			b.WriteString("dw," + r.today.Add(i).String() + ",bob,," + strings.Repeat(">", 200) + "\n")
		}
		reply, err := r.Import(r.t.Context(), r.by, wire.DutyImportRequest{Text: b.String(), Reason: strings.Repeat("&", 400)})
		r.must(err)
		if !reply.Imported || reply.Changed != 92 || reply.Added != 308 {
			r.t.Errorf("got %d changed, %d added, want 92 and 308", reply.Changed, reply.Added)
		}
		r.must(r.DB.View(r.t.Context(), func(v *store.ViewTx) error {
			rows, err := v.Audits(r.t.Context(), store.AuditFilter{Action: "duty.", Limit: 10})
			for _, row := range rows {
				var detail struct {
					Before, After map[string]any
					Reason        string
				}
				if err := json.Unmarshal([]byte(row.Detail), &detail); err != nil || len(detail.Before) == 0 || len(detail.After) == 0 || detail.Reason == "" {
					r.t.Errorf("%s: got %d bytes, %v, want all of it to be read", row.Action, len(row.Detail), err)
				}
			}
			if len(rows) != 4 {
				r.t.Errorf("got %d rows, want four", len(rows))
			}
			return err
		}))
	})
}
