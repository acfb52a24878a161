package storetest

import (
	"fmt"
	"strings"

	"capricornus/common/batch"
)

// alertRow is an alert about a task, as far as it is judged.
type alertRow struct {
	ID     int64  `db:"id"`
	Kind   string `db:"kind"`
	Object string `db:"object"`
	TaskID int64  `db:"taskId"`
	WorkID int64  `db:"workId"`
}

const pictureAlerts = "SELECT id, kind, object, taskId, workId FROM capri_alert WHERE taskId > 0 AND kind NOT LIKE 'external.%' ORDER BY id"

// judgeAlerts: I9. An alert whose object is a batch, or one of its attempts,
// names that batch's row: its incident is found by it.
func judgeAlerts(p *picture, v *verdict) {
	type run struct {
		task   int64
		workNo string
		run    int
	}
	works := map[run]int64{}
	for i := range p.works {
		w := &p.works[i]
		works[run{w.TaskID, w.WorkNo, w.Type}] = w.ID
	}
	for _, a := range p.alerts {
		object, _, _ := strings.Cut(a.Object, "#")
		ref, err := batch.ParseRef(object)
		if err != nil {
			continue
		}
		if id := works[run{a.TaskID, ref.WorkNo, ref.Run}]; id != 0 && id != a.WorkID {
			v.add("I9", fmt.Sprintf("alert %d", a.ID), "%s of %s is about batch %d and names %d", a.Kind, a.Object, id, a.WorkID)
		}
	}
}
