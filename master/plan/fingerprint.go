package plan

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"

	"capricornus/common/store"
	"capricornus/common/wire"
)

// fingerprint is a SHA-256 over the request, the caller and, for each item,
// what its decision was made from; not over gates, times or unmet counts, so
// that a plan goes stale only when it would do something else (exactly.md 11).
func fingerprint(req wire.PlanRequest, author string, items []Item) (string, error) {
	h := sha256.New()
	head, err := json.Marshal(req)
	if err != nil {
		return "", fmt.Errorf("encode request: %w", err)
	}
	_, _ = fmt.Fprintf(h, "%s\n%s\n", head, author)
	for i := range items {
		it := &items[i]
		_, _ = fmt.Fprintf(h, "%d %d %s %s %s", it.TaskID, it.Version, it.Slot.WorkNo, it.Decision, it.Code)
		if it.Existing != nil {
			_, _ = fmt.Fprintf(h, " %d %d %d", it.Existing.Type, it.Existing.State, it.Existing.Finish)
		}
		_, _ = fmt.Fprintln(h)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// planLimit reads how many batches one plan may hold.
func planLimit(ctx context.Context, t *store.ViewTx) (int, error) {
	settings, err := t.Settings(ctx)
	if err != nil {
		return 0, err
	}
	limit, err := strconv.Atoi(settings[store.SettingPlanLimit])
	if err != nil || limit < 1 {
		return 20000, nil //nolint:nilerr // an unreadable setting means its default
	}
	return limit, nil
}
