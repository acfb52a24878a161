package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
)

// Announce records that a third party's data has arrived and releases what
// waited for it. Announcing twice is the same as once; it returns whether it was new.
func (t *OperateTx) Announce(ctx context.Context, k ThirdKey) (bool, error) {
	var n int
	if err := t.get(ctx, &n, "SELECT COUNT(*) FROM capri_third_depend_data WHERE code = ? AND dataNo = ?", k.Code, k.DataNo); err != nil {
		return false, err
	}
	if n > 0 {
		return false, nil
	}
	err := t.insert(ctx, "capri_third_depend_data", "code, dataNo, announcedAt, announcedBy", [][]any{{k.Code, k.DataNo, t.now, t.by.ID}}, t.d.ignore("announcedAt"))
	if err != nil {
		return false, err
	}
	_, err = t.meetThirds(ctx, []ThirdKey{k})
	return true, err
}

// Announced tells which of these data have been announced.
func (t *tx) announced(ctx context.Context, keys []ThirdKey) (map[ThirdKey]bool, error) {
	out := map[ThirdKey]bool{}
	for page := range pages(keys, 400) {
		args := make([]any, 0, 2*len(page))
		for _, k := range page {
			args = append(args, k.Code, k.DataNo)
		}
		var have []ThirdKey
		if err := t.all(ctx, &have, "SELECT a.code, a.dataNo FROM ("+t.d.values([]string{"code", "dataNo"}, len(page))+") k "+t.d.inOrder+
			" capri_third_depend_data a ON a.code = k.code AND a.dataNo = k.dataNo", args...); err != nil {
			return nil, err
		}
		for _, k := range have {
			out[k] = true
		}
	}
	return out, nil
}

// Announced tells which of these data have been announced.
func (t *ViewTx) Announced(ctx context.Context, keys []ThirdKey) (map[ThirdKey]bool, error) {
	return t.announced(ctx, keys)
}

// MeetThirds marks rows that wait for announced data as met.
func (t *LeaderTx) MeetThirds(ctx context.Context, keys []ThirdKey) (int, error) {
	return t.meetThirds(ctx, keys)
}

func (t *tx) meetThirds(ctx context.Context, keys []ThirdKey) (int, error) {
	changed := 0
	for _, k := range keys {
		ids, err := t.waitingOf(ctx, `SELECT DISTINCT d.taskWorkId FROM capri_tthird_data d `+t.d.inOrder+` capri_task_work w ON w.id = d.taskWorkId
WHERE d.state = 0 AND d.code = ? AND d.dataNo = ? AND w.state < 2`, k.Code, k.DataNo)
		if err != nil {
			return changed, fmt.Errorf("lock batches that need %s/%s: %w", k.Code, k.DataNo, err)
		}
		for page := range pages(ids, 500) {
			args := append([]any{t.now, k.Code, k.DataNo}, anys(page)...)
			if _, err := t.exec(ctx, "UPDATE capri_tthird_data SET state = 1, lastCheckedAt = ?, lastError = '' WHERE state + 0 = 0 AND code = ? AND dataNo = ? AND taskWorkId IN ("+
				placeholders(len(page))+")", args...); err != nil {
				return changed, fmt.Errorf("change third-party rows: %w", err)
			}
			if err := t.recount(ctx, page); err != nil {
				return changed, err
			}
		}
		changed += len(ids)
	}
	return changed, nil
}

// GoneThirds finds, for batches about to start, met needs whose announcement is
// not there any more, by batch.
func (t *WorkTx) GoneThirds(ctx context.Context, ids []int64) (map[int64][]ThirdKey, error) {
	gone := map[int64][]ThirdKey{}
	for page := range pages(sorted(ids), 1000) {
		var rows []struct {
			WorkID int64 `db:"taskWorkId"`
			ThirdKey
		}
		// both by their primary keys
		if err := t.all(ctx, &rows, `SELECT d.taskWorkId, d.code, d.dataNo FROM capri_tthird_data d
LEFT JOIN capri_third_depend_data a ON a.code = d.code AND a.dataNo = d.dataNo
WHERE d.state + 0 = 1 AND a.code IS NULL AND d.taskWorkId IN (`+placeholders(len(page))+") ORDER BY d.taskWorkId, d.n", anys(page)...); err != nil {
			return nil, fmt.Errorf("check third parties: %w", err)
		}
		for _, r := range rows {
			gone[r.WorkID] = append(gone[r.WorkID], r.ThirdKey)
		}
	}
	return gone, nil
}

// UnmeetThirds makes waiting and assigned batches wait again for these data.
func (t *WorkTx) UnmeetThirds(ctx context.Context, keys []ThirdKey, reason string) error {
	for _, k := range slices.SortedFunc(slices.Values(keys), byData) {
		// ix_third_need (state, code, dataNo), then capri_task_work by its primary key
		ids, err := t.waitingOf(ctx, `SELECT DISTINCT d.taskWorkId FROM capri_tthird_data d `+t.d.inOrder+` capri_task_work w ON w.id = d.taskWorkId
WHERE d.state = 1 AND d.code = ? AND d.dataNo = ? AND w.state < 2`, k.Code, k.DataNo)
		if err != nil {
			return fmt.Errorf("lock batches that need %s/%s: %w", k.Code, k.DataNo, err)
		}
		for page := range pages(ids, 500) {
			args := append([]any{DepUnmet, 1, t.now, t.now, clip(reason, 400), k.Code, k.DataNo}, anys(page)...)
			if _, err := t.exec(ctx, "UPDATE capri_tthird_data SET "+changeRow+" WHERE state + 0 = 1 AND code = ? AND dataNo = ? AND taskWorkId IN ("+
				placeholders(len(page))+")", args...); err != nil {
				return fmt.Errorf("change third-party rows: %w", err)
			}
			if err := t.recount(ctx, page); err != nil {
				return err
			}
		}
	}
	return nil
}

// byData is the order in which rows of third parties are changed.
func byData(a, b ThirdKey) int {
	return cmp.Or(cmp.Compare(a.Code, b.Code), cmp.Compare(a.DataNo, b.DataNo))
}
