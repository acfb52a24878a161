package store

import (
	"context"
	"fmt"
)

// ServiceRun is the last run of a duty.
type ServiceRun struct {
	Name      string `db:"name"`
	StartedAt int64  `db:"startedAt"`
	EndedAt   int64  `db:"endedAt"`
	Rows      int64  `db:"rowCount"`
	Error     string `db:"error"`
	Epoch     int64  `db:"epoch"`
	// SucceededAt is when the last run ended that had no error; it is read only.
	SucceededAt int64 `db:"succeededAt"`
}

// PutServiceRun records a duty's run; one with an error leaves standing when the
// last one without ended.
func (t *LeaderTx) PutServiceRun(ctx context.Context, r ServiceRun) error {
	const cols = "name, startedAt, endedAt, rowCount, error, epoch, succeededAt"
	row := []any{r.Name, r.StartedAt, r.EndedAt, r.Rows, clip(r.Error, 1000), t.by.Epoch, r.EndedAt}
	if r.Error == "" {
		return t.insert(ctx, "capri_service_run", cols, [][]any{row}, t.d.upsert("name", "startedAt", "endedAt", "rowCount", "error", "epoch", "succeededAt"))
	}
	row[len(row)-1] = 0
	return t.insert(ctx, "capri_service_run", cols, [][]any{row}, t.d.upsert("name", "startedAt", "endedAt", "rowCount", "error", "epoch"))
}

// ServiceRuns lists the last run of every duty.
func (t *ViewTx) ServiceRuns(ctx context.Context) ([]ServiceRun, error) {
	var out []ServiceRun
	if err := t.all(ctx, &out, "SELECT name, startedAt, endedAt, rowCount, error, epoch, succeededAt FROM capri_service_run ORDER BY name LIMIT 100"); err != nil {
		return nil, fmt.Errorf("list services: %w", err)
	}
	return out, nil
}

// Master is a master as it has last described itself.
type Master struct {
	ID             string `db:"id"`
	Address        string `db:"address"` // URL under which others reach its API
	Version        string `db:"version"`
	LastSeen       int64  `db:"lastSeen"`
	IsLeader       bool   `db:"isLeader"`       // it leads a term
	RaftAddress    string `db:"raftAddress"`    // empty: a cluster of one
	State          string `db:"state"`          // raft's word for what it is: leader, follower, candidate
	RaftTerm       int64  `db:"raftTerm"`       // raft's, not the epoch
	AppliedIndex   int64  `db:"appliedIndex"`   // of raft's log
	LastIndex      int64  `db:"lastIndex"`      // of raft's log
	Epoch          int64  `db:"epoch"`          // of the term it leads; 0: none
	StartedAt      int64  `db:"startedAt"`      // when its process began
	ClockOffset    int64  `db:"clockOffset"`    // milliseconds the database's clock is ahead of its own
	DatabaseMicros int64  `db:"databaseMicros"` // round trip of its last question to the database
	Refused        string `db:"refused"`        // why its last claim got no term; empty: it did
	CallKey        string `db:"callKey"`        // signs calls of other masters to it; new with each start
}

const masterCols = `id, address, version, lastSeen, isLeader, raftAddress, state, raftTerm, appliedIndex, lastIndex, epoch, startedAt,
clockOffset, databaseMicros, refused, callKey`

// PutMaster notes that a master is there.
func (t *WorkTx) PutMaster(ctx context.Context, m Master) error {
	return t.putMaster(ctx, m)
}

// PutMaster notes that the leader is there, by a write that the fence guards.
func (t *LeaderTx) PutMaster(ctx context.Context, m Master) error {
	return t.putMaster(ctx, m)
}

func (t *tx) putMaster(ctx context.Context, m Master) error {
	row := []any{
		m.ID, clip(m.Address, 200), clip(m.Version, 60), t.now, boolInt(m.IsLeader), clip(m.RaftAddress, 200), m.State, m.RaftTerm, m.AppliedIndex, m.LastIndex,
		m.Epoch, m.StartedAt, m.ClockOffset, m.DatabaseMicros, clip(m.Refused, 400), m.CallKey,
	}
	return t.insert(ctx, "capri_master_node", masterCols, [][]any{row}, t.d.upsert("id", "address", "version", "lastSeen", "isLeader", "raftAddress", "state",
		"raftTerm", "appliedIndex", "lastIndex", "epoch", "startedAt", "clockOffset", "databaseMicros", "refused", "callKey"))
}

// Masters lists the masters by id.
func (t *ViewTx) Masters(ctx context.Context) ([]Master, error) {
	var out []Master
	if err := t.all(ctx, &out, "SELECT "+masterCols+" FROM capri_master_node ORDER BY id LIMIT 1000"); err != nil {
		return nil, fmt.Errorf("list masters: %w", err)
	}
	return out, nil
}

// ForgetMaster removes the row of a master that is no member any more.
func (t *OperateTx) ForgetMaster(ctx context.Context, id string) error {
	_, err := t.exec(ctx, "DELETE FROM capri_master_node WHERE id = ?", id)
	return err
}
