package storetest

import (
	"context"
	"slices"
	"strconv"
	"testing"

	"capricornus/common/store"
)

func alertPeopleCases() []exercise {
	return []exercise{
		{name: "KeepsRightsOfAlerts", run: alertRights},
		{name: "ReadsWhatRulesOfAlertsGoBy", run: alertTasks},
		{name: "ReadsWhoMayBeTold", run: recipients},
	}
}

func alertRights(t *testing.T, w *World) {
	task, other, p := w.Task(), w.Task(), w.somebody()
	for _, step := range []struct {
		sms, mail, hadSMS, hadMail bool
	}{{true, false, false, false}, {true, true, true, false}, {false, true, true, true}} {
		w.operate("put a right", func(ctx context.Context, o *store.OperateTx) error {
			before, err := o.PutAlertRight(ctx, store.AlertRight{TaskID: task, UserID: p.ID, SMS: step.sms, Mail: step.mail})
			wantEqual(t, "texted before", before.SMS, step.hadSMS)
			wantEqual(t, "mailed to before", before.Mail, step.hadMail)
			return err
		})
	}
	w.operate("put one of another task, and of another user", func(ctx context.Context, o *store.OperateTx) error {
		_, err := o.PutAlertRight(ctx, store.AlertRight{TaskID: other, UserID: p.ID, SMS: true})
		w.ok("another task", err)
		_, err = o.PutAlertRight(ctx, store.AlertRight{TaskID: task, UserID: w.Owner, Mail: true})
		return err
	})
	w.view("read them", func(ctx context.Context, v *store.ViewTx) error {
		page, err := v.AlertRights(ctx, task, "", 1)
		wantEqual(t, "first by name", len(page) == 1 && page[0].User == "admin" && page[0].Mail && !page[0].SMS && page[0].GrantedBy == "admin" && page[0].GrantedAt > 0, true)
		w.ok("a page", err)
		page, err = v.AlertRights(ctx, task, "admin", 10)
		wantEqual(t, "next by name", len(page) == 1 && page[0].User == p.Name && page[0].Mail && !page[0].SMS, true)
		w.ok("the next page", err)
		all, err := v.AlertRightsOf(ctx, []int64{task, other, -1})
		wantEqual(t, "of the task", len(all[task]), 2)
		wantEqual(t, "of the other task", len(all[other]), 1)
		wantEqual(t, "of both tasks and nothing else", len(all), 2)
		return err
	})
	for _, had := range []bool{true, false} {
		w.operate("drop one", func(ctx context.Context, o *store.OperateTx) error {
			before, err := o.DropAlertRight(ctx, task, p.ID)
			wantEqual(t, "had one", before.Mail, had)
			return err
		})
	}
}

// department makes a department of its own.
func (w *World) department() (int64, string) {
	w.t.Helper()
	id := w.IDs(1)[0]
	name := "d" + strconv.FormatInt(id, 10)
	w.operate("make a department", func(ctx context.Context, o *store.OperateTx) error { return o.PutDepartment(ctx, id, name) })
	return id, name
}

func alertTasks(t *testing.T, w *World) {
	department, name := w.department()
	p := w.somebody(func(p *store.Person) { p.DepartmentID = department })
	own := w.Task(func(s *store.TaskSave) { s.OwnerID, s.Priority = p.ID, 3 })
	gone := w.Task()
	w.operate("delete a task", func(ctx context.Context, o *store.OperateTx) error {
		return o.TurnTask(ctx, store.SavedVersion{Version: store.Version{TaskID: gone, Version: 2, Definition: "{}", IsDeleted: true}})
	})
	w.view("read them", func(ctx context.Context, v *store.ViewTx) error {
		rows, err := v.AlertTasks(ctx, []int64{gone, own, own, -1})
		if len(rows) != 2 {
			t.Fatalf("got %+v, want the two there are or were", rows)
		}
		rows[0].Name = ""
		wantEqual(t, "the task", rows[0], store.AlertTask{ID: own, Version: 1, Priority: 3, OwnerID: p.ID, Owner: p.Name, DepartmentID: department, Department: name})
		wantEqual(t, "the deleted task", rows[1].ID == gone && rows[1].Version == 2 && rows[1].Owner == "admin" && rows[1].Department == "", true)
		return err
	})
}

func recipients(t *testing.T, w *World) {
	department, name := w.department()
	member := w.somebody(func(p *store.Person) {
		p.DepartmentID, p.Title, p.Phone, p.Mail, p.Lang = department, "Member", "1", "m@x", "zh"
	})
	left := w.somebody(func(p *store.Person) { p.DepartmentID, p.IsEnabled = department, false })
	admin := w.somebody(func(p *store.Person) { p.Role, p.DepartmentID = "admin", department })
	former := w.somebody(func(p *store.Person) { p.Role, p.IsEnabled = "superadmin", false })
	for _, c := range []struct {
		asked store.Asked
		want  []string // besides administrators of other exercises
	}{
		{store.Asked{}, []string{admin.Name}},
		{store.Asked{Departments: []int64{department, department, -1}}, []string{member.Name, admin.Name}},
		{store.Asked{IDs: []int64{former.ID, member.ID, 0}}, []string{member.Name, admin.Name, former.Name}},
		{store.Asked{Names: []string{left.Name, "ghost"}, Departments: []int64{department}}, []string{member.Name, left.Name, admin.Name}},
	} {
		w.view("read them", func(ctx context.Context, v *store.ViewTx) error {
			rows, err := v.Recipients(ctx, c.asked)
			var got []string
			for _, r := range rows {
				if slices.Contains([]int64{member.ID, left.ID, admin.ID, former.ID}, r.ID) {
					got = append(got, r.Name)
				}
				if r.ID == member.ID {
					wantEqual(t, "the member", r, store.Recipient{
						ID: member.ID, Name: member.Name, Title: "Member", DepartmentID: department, Department: name, Role: "viewer", Phone: "1", Mail: "m@x", Lang: "zh", IsEnabled: true,
					})
				}
			}
			slices.Sort(got)
			slices.Sort(c.want)
			wantEqual(t, "users", slices.Equal(got, c.want), true)
			return err
		})
	}
}
