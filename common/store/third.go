package store

import "context"

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
	err := t.insert(ctx, "capri_third_depend_data", "code, dataNo, announcedAt, announcedBy", [][]any{{k.Code, k.DataNo, t.now, t.by.ID}}, t.d.ignore("code, dataNo"))
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
		if err := t.SelectContext(ctx, &have, "SELECT a.code, a.dataNo FROM capri_third_depend_data a JOIN ("+
			t.d.values([]string{"code", "dataNo"}, len(page))+") k ON a.code = k.code AND a.dataNo = k.dataNo", args...); err != nil {
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
