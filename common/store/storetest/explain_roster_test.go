package storetest

import (
	"context"

	"capricornus/common/store"
)

// fillRoster makes a day on duty for each batch.
func fillRoster(l large) {
	rawExec(l.t, l.DB, `INSERT INTO capri_duty (departmentId, day, primaryId, secondaryId, source, note, changedBy, changedAt)
SELECT id, 20200101 + id % 1000, id, 1, 'rotation', '', '', 1 FROM capri_task_work`)
}

// rosterQueries are those of who is on duty.
func rosterQueries(l large) []hotQuery {
	view := func(name string, fn func(ctx context.Context, v *store.ViewTx) error) hotQuery {
		return hotQuery{name, func(ctx context.Context) error {
			return l.DB.View(ctx, func(v *store.ViewTx) error { return fn(ctx, v) })
		}}
	}
	some := []int64{l.first, l.first + 1}
	days := []store.Duty{{DepartmentID: l.first, Day: 20300101, Source: store.DutyByRotation}, {DepartmentID: l.first, Day: 20300102, Source: store.DutyByRotation}}
	return []hotQuery{
		view("RosterDepartments and Duties", func(ctx context.Context, v *store.ViewTx) error {
			if _, err := v.RosterDepartments(ctx, 20200501, "ops"); err != nil {
				return err
			}
			_, err := v.Duties(ctx, some, 20200101, 20200131)
			return err
		}),
		view("DutiesOf", func(ctx context.Context, v *store.ViewTx) error {
			_, err := v.DutiesOf(ctx, 1, 20200105, 20200110, 100)
			return err
		}),
		{"Rotate and SweepDuties", func(ctx context.Context) error {
			return l.Lead.Tx(ctx, "test", func(t *store.LeaderTx) error {
				if err := t.Rotate(ctx, store.RotatedDays{Add: days, Change: days, Drop: days}); err != nil {
					return err
				}
				_, err := t.SweepDuties(ctx, 20200103, 2)
				return err
			})
		}},
		{"PutDuties and DropDuties", func(ctx context.Context) error {
			return l.DB.Operate(ctx, store.Actor{ID: "admin"}, func(t *store.OperateTx) error {
				if err := t.PutDuties(ctx, days); err != nil {
					return err
				}
				_, err := t.DropDuties(ctx, l.first, 20300101, 20300131)
				return err
			})
		}},
	}
}
