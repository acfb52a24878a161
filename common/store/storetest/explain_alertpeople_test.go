package storetest

import (
	"context"

	"capricornus/common/store"
)

// fillAlertRights gives rights of alerts to a user for each batch.
func fillAlertRights(l large) {
	rawExec(l.t, l.DB, `INSERT INTO capri_task_grant (taskId, userId, sms, mail, grantedBy, grantedAt) SELECT taskId, id, 1, 1, 'admin', 1 FROM capri_task_work`)
}

// alertPeopleQueries are what whoever decides about alerts reads of them, many
// tasks at once.
func alertPeopleQueries(l large) []hotQuery {
	return []hotQuery{
		{"AlertTasks, AlertRightsOf, AlertRights and Recipients", func(ctx context.Context) error {
			return l.DB.View(ctx, func(v *store.ViewTx) error {
				if _, err := v.AlertTasks(ctx, l.tasks[:3]); err != nil {
					return err
				}
				if _, err := v.AlertRightsOf(ctx, l.tasks[:3]); err != nil {
					return err
				}
				if _, err := v.AlertRights(ctx, l.tasks[0], "", 50); err != nil {
					return err
				}
				_, err := v.Recipients(ctx, store.Asked{Departments: []int64{1}, IDs: []int64{1, 2}, Names: []string{"ann"}})
				return err
			})
		}},
		{"PutAlertRight and DropAlertRight", func(ctx context.Context) error {
			return l.DB.Operate(ctx, store.Actor{ID: "admin"}, func(t *store.OperateTx) error {
				if _, err := t.PutAlertRight(ctx, store.AlertRight{TaskID: l.tasks[0], UserID: l.Owner, SMS: true}); err != nil {
					return err
				}
				_, err := t.DropAlertRight(ctx, l.tasks[0], l.Owner)
				return err
			})
		}},
	}
}
