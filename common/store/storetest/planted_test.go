package storetest

import (
	"testing"

	"capricornus/common/batch"
	"capricornus/common/store"
)

// TestCheckCatchesPlantedBugs breaks a sound database in every way once: a
// judge that never convicts proves nothing.
func TestCheckCatchesPlantedBugs(t *testing.T) {
	t.Parallel()
	sound, ids := soundHistory(t)
	for _, plant := range []struct{ name, invariant, query string }{
		{"TwoRunsCount", "I1", "UPDATE capri_task_work SET latest = 1 WHERE id = :first"},
		{"NoRunCounts", "I1", "UPDATE capri_task_work SET latest = 0 WHERE id = :rerun"},
		{"MoveWithoutJournal", "I3", "UPDATE capri_task_work SET state = 3, finishState = 5 WHERE id = :waiting"},
		{"GapInTheJournal", "I3", "DELETE FROM capri_batch_event WHERE workId = :first AND seq = 2"},
		{"NoJournal", "I3", "DELETE FROM capri_batch_event WHERE workId = :waiting"},
		{"IllegalMove", "I3", "UPDATE capri_batch_event SET move = 'kill' WHERE workId = :first AND seq = 4"},
		{"AttemptSkipped", "I3", "UPDATE capri_batch_event SET attempt = 9 WHERE workId = :first AND seq = 2"},
		{"StartTwiceInOneAttempt", "I4", "UPDATE capri_batch_event SET attempt = 1 WHERE workId = :retried AND seq = 6"},
		{"AttemptWithoutStart", "I4", "INSERT INTO capri_task_instance SELECT :waiting, 1, '', 'w1', '', 0, 5, 6, 0, 0, 0, '', '', '', 0, 0, 0, 0, 0, 0, '', ''"},
		{"StartWithoutAttempt", "I4", "DELETE FROM capri_task_instance WHERE taskWorkId = :first"},
		{"AttemptsOverlap", "I4", "UPDATE capri_task_instance SET endTime = endTime + 99999999 WHERE taskWorkId = :retried AND attempt = 1"},
		{"AttemptNeverEnded", "I4", "UPDATE capri_task_instance SET endTime = 0 WHERE taskWorkId = :retried AND attempt = 1"},
		{"RunsElsewhere", "I4", "UPDATE capri_task_instance SET host = 'w9' WHERE taskWorkId = :running"},
		{"StartedAfterReassignment", "I4", "INSERT INTO capri_reschedule_log VALUES (:running, 1, 'w1', 1, 'w2', 'slow', 2)"},
		{"SuccessWithoutExit", "I5", "UPDATE capri_task_instance SET hasExit = 0 WHERE taskWorkId = :first"},
		{"SuccessWithExitOne", "I5", "UPDATE capri_task_instance SET exitCode = 1 WHERE taskWorkId = :first"},
		{"EpochFromTheFuture", "I7", "UPDATE capri_batch_event SET epoch = 99 WHERE workId = :first AND seq = 1"},
		{"OldLeaderWroteOn", "I7", "UPDATE capri_master_epoch SET epoch = 2, since = since - 60000"},
		{"NewLeaderWroteBeforeItsTerm", "I7", "UPDATE capri_master_epoch SET since = since + 60000"},
		{"BatchFromTheFuture", "I7", "UPDATE capri_task_work SET epoch = 99 WHERE id = :first"},
		{"DutyFromTheFuture", "I7", "INSERT INTO capri_service_run (name, startedAt, endedAt, rowCount, error, epoch, succeededAt) VALUES ('place', 1, 2, 0, '', 99, 2)"},
		{"TwoLeaders", "I7", "INSERT INTO capri_master_node (id, address, version, lastSeen, isLeader, epoch) VALUES ('m9', '', '', 1, 1, 1)"},
		{"LostUpdateOfACount", "I8", "UPDATE capri_task_work SET unmet = 1 WHERE id = :waiting"},
		{"RanWithAParentUnmet", "I8", "UPDATE capri_tparent_data SET state = 0 WHERE taskWorkId = :running"},
		{"AlertOfNoBatch", "I9", "INSERT INTO capri_alert (id, kind, object, occurrence, level, taskId, text, createdAt, deliveredAt) SELECT 1, 'batch-failed', 'any/' || workNo || '.' || type, '1', 'task', taskId, 'x', 1, 0 FROM capri_task_work WHERE id = :first"},
		{"DeliveryWithoutMessage", "I10", "INSERT INTO capri_alert_delivery (alertId, recipient, channel, rule, messageId) VALUES (1, 'ann', 'sms', '', 987654321)"},
		{"RowsLeftOfAnother", "I11", "INSERT INTO capri_reschedule_log VALUES (987654321, 1, 'w1', 1, 'w2', 'slow', 2)"},
		{"RunNumberMissing", "I11", "UPDATE capri_task_work SET type = 5 WHERE id = :rerun"},
		{"OperationMiscounts", "I11", "UPDATE capri_operation SET created = 7"},
		{"OperationEndsEarly", "I11", "UPDATE capri_operation_item SET batchId = 0 WHERE n = 1"},
		{"HostOverfull", "I13", "UPDATE capri_schedul_cluster SET slots = 1 WHERE host = 'w1'"},
		{"MemoryOverbooked", "I13", "UPDATE capri_task_work SET memory = 99999999999999 WHERE id = :running"},
		{"TaskOverItsLimit", "I13", "UPDATE capri_task SET maxRunning = 1"},
	} {
		t.Run(plant.name, func(t *testing.T) {
			t.Parallel()
			cfg := Fresh(t, SQLite)
			rawExec(t, sound, "VACUUM INTO ?", cfg.DSN)
			db := Connect(t, cfg)
			query := plant.query
			for name, id := range ids {
				query = replaceID(query, name, id)
			}
			rawExec(t, db, query)
			wantViolation(t, db, plant.invariant)
		})
	}
}

func wantViolation(t *testing.T, db *store.DB, invariant string) {
	t.Helper()
	all, err := Check(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range all {
		if v.Invariant == invariant {
			return
		}
	}
	t.Errorf("got violations %v, want one of %s", all, invariant)
}

// soundHistory is a database with something of everything, found sound.
func soundHistory(t *testing.T) (*store.DB, map[string]int64) {
	t.Helper()
	w := NewWorld(t, Open(t, SQLite))
	a, b := w.Task(), w.Task()
	ids := map[string]int64{"first": w.Batch(a, "20150518")}
	w.Succeed(ids["first"])
	ids["rerun"] = w.Batch(a, "20150518", func(n *store.NewBatch) { n.Type, n.Origin = 1, batch.ByRerun })
	w.Succeed(ids["rerun"])
	ids["waiting"] = w.Batch(a, "20150519")
	ids["retried"] = w.Batch(a, "20150520")
	w.ok("assign", w.Assign(Host, ids["retried"]))
	w.ok("start", w.Start(ids["retried"]))
	w.ok("retry", w.Retry(ids["retried"]))
	w.ok("assign", w.Assign(Host, ids["retried"]))
	w.ok("start", w.Start(ids["retried"]))
	ids["running"] = w.Batch(a, "20150521", func(n *store.NewBatch) {
		n.Parents = []store.NewParent{{TaskID: a, WorkNo: "20150518", State: store.DepMet}}
	})
	w.ok("assign", w.Assign(Host, ids["running"]))
	w.ok("start", w.Start(ids["running"]))
	operation := w.operation(b, "20150518", "20150519")
	for n := 1; n > 0; {
		var err error
		n, err = w.createPage(operation, 5)
		w.ok("create", err)
	}
	Sound(t, w.DB)
	return w.DB, ids
}
