package storetest

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"capricornus/common/store"
)

func rosterCases() []exercise {
	return []exercise{
		{name: "KeepsWhatPeopleSayAboutDuties", run: duties},
		{name: "KeepsRotations", run: rotations},
		{name: "SweepsOldDuties", run: oldDuties},
	}
}

// rostered makes a department of its own.
func (w *World) rostered() store.RosterDepartment {
	w.t.Helper()
	d := store.RosterDepartment{ID: w.IDs(1)[0]}
	d.Name = "r" + strconv.FormatInt(d.ID, 10)
	w.operate("make a department", func(ctx context.Context, o *store.OperateTx) error { return o.PutDepartment(ctx, d.ID, d.Name) })
	return d
}

// dutiesOf are the days of a department as day:primary/secondary source.
func (w *World) dutiesOf(d store.RosterDepartment) string {
	w.t.Helper()
	var out []string
	w.view("read the roster", func(ctx context.Context, v *store.ViewTx) error {
		rows, err := v.Duties(ctx, []int64{d.ID}, 20300101, 20301231)
		out = nil
		for _, r := range rows {
			out = append(out, fmt.Sprintf("%d:%d/%d %s", r.Day-20300100, r.PrimaryID, r.SecondaryID, r.Source))
		}
		return err
	})
	return strings.Join(out, ", ")
}

func duties(t *testing.T, w *World) {
	d, other := w.rostered(), w.rostered()
	day := func(n int, first int64, source string) store.Duty {
		return store.Duty{DepartmentID: d.ID, Day: 20300100 + n, PrimaryID: first, SecondaryID: 7, Source: source, Note: "n", ChangedBy: "me"}
	}
	rotate := func(r store.RotatedDays) {
		w.lead("rotate", func(ctx context.Context, l *store.LeaderTx) error { return l.Rotate(ctx, r) })
	}
	rotate(store.RotatedDays{Add: []store.Duty{day(3, 1, store.DutyByRotation), day(1, 1, store.DutyByRotation), day(2, 1, store.DutyByRotation)}})
	w.operate("set", func(ctx context.Context, o *store.OperateTx) error {
		return o.PutDuties(ctx, []store.Duty{day(2, 5, store.DutyByHand), day(4, 5, store.DutyByImport)})
	})
	wantEqual(t, "set over the rotation", w.dutiesOf(d), "1:1/7 rotation, 2:5/7 manual, 3:1/7 rotation, 4:5/7 import")
	rotate(store.RotatedDays{
		Add:    []store.Duty{day(2, 9, store.DutyByRotation), day(4, 9, store.DutyByRotation), day(5, 9, store.DutyByRotation)},
		Change: []store.Duty{day(1, 9, store.DutyByRotation), day(2, 9, store.DutyByRotation)}, Drop: []store.Duty{day(2, 0, ""), day(3, 0, "")},
	})
	wantEqual(t, "what people say stays", w.dutiesOf(d), "1:9/7 rotation, 2:5/7 manual, 4:5/7 import, 5:9/7 rotation")
	w.operate("clear", func(ctx context.Context, o *store.OperateTx) error {
		n, err := o.DropDuties(ctx, d.ID, 20300101, 20300102)
		wantEqual(t, "cleared", n, 1)
		return err
	})
	wantEqual(t, "cleared", w.dutiesOf(d), "1:9/7 rotation, 4:5/7 import, 5:9/7 rotation")
	w.view("of a user", func(ctx context.Context, v *store.ViewTx) error {
		for user, want := range map[int64]int{9: 2, 5: 1, 7: 3, 6: 0} {
			rows, err := v.DutiesOf(ctx, user, 20300101, 20300131, 100)
			mine := 0
			for _, r := range rows {
				if r.DepartmentID == d.ID {
					mine++
				}
			}
			wantEqual(t, "duties of a user", mine, want)
			w.ok("duties of a user", err)
		}
		for since, want := range map[int]bool{20300105: true, 20300106: false} {
			all, err := v.RosterDepartments(ctx, since, other.Name)
			wantEqual(t, "has days", slices.Contains(all, d), want)
			wantEqual(t, "the platform's is there", slices.Contains(all, other), true)
			w.ok("departments", err)
		}
		return nil
	})
	w.operate("take the department away", func(ctx context.Context, o *store.OperateTx) error { return o.DropDepartment(ctx, d.ID) })
	wantEqual(t, "without its department", w.dutiesOf(d), "")
}

func rotations(t *testing.T, w *World) {
	d, ann, bob := w.rostered(), w.somebody(), w.somebody()
	read := func() map[int64]store.DutyRotation {
		var out map[int64]store.DutyRotation
		w.view("read", func(ctx context.Context, v *store.ViewTx) (err error) {
			out, err = v.DutyRotations(ctx, []int64{d.ID, w.Project})
			return err
		})
		return out
	}
	wantEqual(t, "none yet", len(read()), 0)
	for _, members := range [][]int64{{ann.ID}, {bob.ID, ann.ID}} {
		w.operate("put", func(ctx context.Context, o *store.OperateTx) error {
			found, err := o.LockDepartments(ctx, []string{d.Name, "ghost"})
			wantEqual(t, "locked", len(found) == 1 && found[d.Name] == d, true)
			w.ok("lock", err)
			return o.PutRotation(ctx, store.DutyRotation{DepartmentID: d.ID, StartDay: 20300101, EveryDays: 7, Members: members})
		})
	}
	got := read()[d.ID]
	wantEqual(t, "rotation", fmt.Sprint(got.StartDay, got.EveryDays, got.Members, got.ChangedBy, got.ChangedAt > 0), fmt.Sprint(20300101, 7, []int64{bob.ID, ann.ID}, "admin", true))
	w.view("its people", func(ctx context.Context, v *store.ViewTx) error {
		byID, err := v.PersonsByID(ctx, append(got.Members, 1<<50))
		wantEqual(t, "by id", len(byID) == 2 && byID[ann.ID].Name == ann.Name, true)
		w.ok("by id", err)
		byName, err := v.PersonsByNames(ctx, []string{bob.Name, "ghost", ""})
		wantEqual(t, "by name", len(byName) == 1 && byName[bob.Name].ID == bob.ID, true)
		w.ok("by name", err)
		all, err := v.RosterDepartments(ctx, 20400101, "")
		wantEqual(t, "has a rotation", slices.Contains(all, d), true)
		w.ok("that have a roster", err)
		all, err = v.RotationDepartments(ctx, "", 1000)
		wantEqual(t, "has a rotation itself", slices.Contains(all, d), true)
		w.ok("that have a rotation", err)
		all, err = v.RotationDepartments(ctx, d.Name, 1000)
		wantEqual(t, "after itself", slices.Contains(all, d), false)
		return err
	})
	w.operate("drop", func(ctx context.Context, o *store.OperateTx) error { return o.DropRotation(ctx, d.ID) })
	wantEqual(t, "none any more", len(read()), 0)
}

func oldDuties(t *testing.T, w *World) {
	d := w.rostered()
	w.operate("set", func(ctx context.Context, o *store.OperateTx) error {
		var all []store.Duty
		for day := 20010101; day <= 20010105; day++ {
			all = append(all, store.Duty{DepartmentID: d.ID, Day: day, PrimaryID: 1, Source: store.DutyByHand})
		}
		return o.PutDuties(ctx, all)
	})
	for _, want := range []int{2, 1, 0} {
		w.lead("sweep", func(ctx context.Context, l *store.LeaderTx) error {
			n, err := l.SweepDuties(ctx, 20010104, 2)
			wantEqual(t, "swept", n, want)
			return err
		})
	}
	wantEqual(t, "left", w.figure("SELECT COUNT(*) FROM capri_duty WHERE departmentId = ?", d.ID), 2)
}
