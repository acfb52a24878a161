package storetest

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"github.com/jmoiron/sqlx"

	"capricornus/common/batch"
	"capricornus/common/store"
)

// picture is what the invariants are judged by, read in one snapshot.
type picture struct {
	fence      fence
	services   []led  // the last run of every duty
	masters    []led  // those that say that they lead
	works      []work // by id
	byID       map[int64]*work
	events     map[int64][]store.Event
	attempts   map[int64][]attempt
	given      map[attemptKey]bool // attempts taken back before they started
	unmet      map[int64]int
	byOutput   map[store.VersionKey]bool
	orphans    []orphan
	hosts      []host
	limits     map[int64]int // running at most, by task
	operations []operation
	items      map[int64][]store.OperationItem
	alerts     []alertRow
	untold     []untold
}

type work struct {
	store.Work
}

type attempt struct {
	WorkID    int64  `db:"taskWorkId"`
	Attempt   int    `db:"attempt"`
	Host      string `db:"host"`
	StartTime int64  `db:"startTime"`
	EndTime   int64  `db:"endTime"`
	HasExit   bool   `db:"hasExit"`
	ExitCode  int    `db:"exitCode"`
	Outcome   string `db:"outcome"`
}

type attemptKey struct {
	WorkID  int64 `db:"taskWorkId"`
	Attempt int   `db:"attempt"`
}

type orphan struct {
	Table string `db:"tab"`
	ID    int64  `db:"id"`
}

type host struct {
	Host   string `db:"host"`
	Slots  int    `db:"slots"`
	Memory int64  `db:"memory"`
}

type operation struct {
	ID      int64  `db:"id"`
	State   string `db:"state"`
	Created int    `db:"created"`
}

const (
	pictureWorks = `SELECT id, taskId, taskVersion, workNo, type, latest, operationId, memory, state, finishState, unmet, attempt, host,
incarnation, refusedAt, markedBy, epoch, seq FROM capri_task_work ORDER BY id`
	pictureEvents = `SELECT workId, seq, move, fromState, toState, finishState, attempt, epoch, at FROM capri_batch_event ORDER BY workId, seq`
	pictureTries  = `SELECT taskWorkId, attempt, host, startTime, endTime, hasExit, exitCode, outcome FROM capri_task_instance ORDER BY taskWorkId, attempt`
	pictureUnmet  = `SELECT taskWorkId AS id, COUNT(*) AS n FROM (
SELECT taskWorkId FROM capri_task_data WHERE type = 1 AND state = 0
UNION ALL SELECT taskWorkId FROM capri_tthird_data WHERE state = 0
UNION ALL SELECT taskWorkId FROM capri_tparent_data WHERE state = 0) AS open_rows GROUP BY taskWorkId`
	pictureOrphans = `SELECT tab, id FROM (
SELECT DISTINCT 'capri_task_data' AS tab, taskWorkId AS id FROM capri_task_data
UNION SELECT 'capri_tthird_data', taskWorkId FROM capri_tthird_data
UNION SELECT 'capri_tparent_data', taskWorkId FROM capri_tparent_data
UNION SELECT 'capri_task_instance', taskWorkId FROM capri_task_instance
UNION SELECT 'capri_batch_event', workId FROM capri_batch_event
UNION SELECT 'capri_gate_spent', workId FROM capri_gate_spent
UNION SELECT 'capri_attempt_log', taskWorkId FROM capri_attempt_log
UNION SELECT 'capri_reschedule_log', taskWorkId FROM capri_reschedule_log) AS every_row
WHERE NOT EXISTS (SELECT 1 FROM capri_task_work w WHERE w.id = every_row.id) ORDER BY id`
	pictureItems = `SELECT operationId, n, taskId, workNo, decision, existingId, batchId FROM capri_operation_item ORDER BY operationId, n`
)

// readPicture reads everything before anything is judged: MariaDB ends a
// transaction that idles for a second.
func readPicture(ctx context.Context, db *store.DB) (p *picture, err error) {
	opts := &sql.TxOptions{ReadOnly: true}
	if db.Engine() == MySQL {
		opts.Isolation = sql.LevelRepeatableRead
	}
	tx, err := sqlx.NewDb(db.RawReader(), db.Engine()).BeginTxx(ctx, opts)
	if err != nil {
		return nil, err
	}
	defer func() { _ = tx.Rollback() }() // it only read
	r := &reader{ctx: ctx, tx: tx}
	p = &picture{
		works: read[work](r, pictureWorks), events: map[int64][]store.Event{}, attempts: map[int64][]attempt{}, given: map[attemptKey]bool{},
		unmet: map[int64]int{}, byOutput: map[store.VersionKey]bool{}, limits: map[int64]int{}, items: map[int64][]store.OperationItem{},
		byID: map[int64]*work{}, orphans: read[orphan](r, pictureOrphans),
		hosts:      read[host](r, "SELECT host, slots, memory FROM capri_schedul_cluster ORDER BY host"),
		operations: read[operation](r, "SELECT id, state, created FROM capri_operation ORDER BY id"),
		services:   read[led](r, pictureLed), masters: read[led](r, pictureMasters), alerts: read[alertRow](r, pictureAlerts), untold: read[untold](r, pictureUntold),
	}
	events, attempts := read[store.Event](r, pictureEvents), read[attempt](r, pictureTries)
	given := read[attemptKey](r, "SELECT taskWorkId, attempt FROM capri_reschedule_log")
	counts := read[numbered](r, pictureUnmet)
	versions := read[versionKey](r, `SELECT taskId, version FROM capri_task_version WHERE definition LIKE '%"success":"output-path"%'`)
	limits := read[numbered](r, "SELECT id, maxRunning AS n FROM capri_task WHERE maxRunning > 0")
	items := read[store.OperationItem](r, pictureItems)
	fences := read[fence](r, "SELECT epoch, holder, since FROM capri_master_epoch")
	if r.err != nil {
		return nil, r.err
	}
	for i := range p.works {
		p.byID[p.works[i].ID] = &p.works[i]
	}
	for _, e := range events {
		p.events[e.WorkID] = append(p.events[e.WorkID], e)
	}
	for _, a := range attempts {
		p.attempts[a.WorkID] = append(p.attempts[a.WorkID], a)
	}
	for _, g := range given {
		p.given[g] = true
	}
	for _, c := range counts {
		p.unmet[c.ID] = c.N
	}
	for _, v := range versions {
		p.byOutput[store.VersionKey(v)] = true
	}
	for _, l := range limits {
		p.limits[l.ID] = l.N
	}
	for _, i := range items {
		p.items[i.OperationID] = append(p.items[i.OperationID], i)
	}
	if len(fences) != 1 {
		return nil, fmt.Errorf("capri_master_epoch has %d rows, want exactly one", len(fences))
	}
	p.fence = fences[0]
	return p, nil
}

type numbered struct {
	ID int64 `db:"id"`
	N  int   `db:"n"`
}

type versionKey struct {
	TaskID  int64 `db:"taskId"`
	Version int   `db:"version"`
}

// reader remembers the first error, so that a row of reads needs one check.
type reader struct {
	ctx context.Context //nolint:containedctx // lives as long as the call that made it
	tx  *sqlx.Tx
	err error
}

func read[T any](r *reader, query string) []T {
	var out []T
	if r.err == nil {
		if err := r.tx.SelectContext(r.ctx, &out, query); err != nil {
			r.err = fmt.Errorf("%s: %w", query, err)
		}
	}
	return out
}

// last is the event that ended or moved the batch last, marks left aside.
func last(events []store.Event) batch.MoveName {
	for _, e := range slices.Backward(events) {
		switch e.Move {
		case batch.MoveMark, batch.MoveOutputTimeout, batch.MoveDependTimeout:
		default:
			return e.Move
		}
	}
	return ""
}
