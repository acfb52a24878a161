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

// Master is a master that has said it is there.
type Master struct {
	ID       string `db:"id"`
	Address  string `db:"address"`
	Version  string `db:"version"`
	LastSeen int64  `db:"lastSeen"`
	IsLeader bool   `db:"isLeader"`
}

// PutMaster notes that a master is there.
func (t *WorkTx) PutMaster(ctx context.Context, m Master) error {
	return t.insert(ctx, "capri_master_node", "id, address, version, lastSeen, isLeader",
		[][]any{{m.ID, m.Address, m.Version, t.now, boolInt(m.IsLeader)}}, t.d.upsert("id", "address", "version", "lastSeen", "isLeader"))
}

// Masters lists the masters by id.
func (t *ViewTx) Masters(ctx context.Context) ([]Master, error) {
	var out []Master
	if err := t.all(ctx, &out, "SELECT id, address, version, lastSeen, isLeader FROM capri_master_node ORDER BY id LIMIT 1000"); err != nil {
		return nil, fmt.Errorf("list masters: %w", err)
	}
	return out, nil
}
