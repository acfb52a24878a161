package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
)

// UserCode is what a user's script returned in one attempt, a row of capri_user_code_log.
type UserCode struct {
	Code     string `db:"task_instance_code"` // the attempt's
	ExitCode int    `db:"user_code"`
	State    int    `db:"execute_state"`
}

// The states of a returned code (domain.md §7).
const (
	ExecuteJudged = 0 // the attempt has been judged
	ExecuteEnded  = 1 // the script has ended, its attempt is not judged yet
)

// InsertUserCodes writes returned codes. A second success of one attempt is the
// same success.
func (t *WorkTx) InsertUserCodes(ctx context.Context, all []UserCode) error {
	rows := make([][]any, 0, len(all))
	for _, u := range slices.SortedFunc(slices.Values(all), func(a, b UserCode) int { return cmp.Compare(a.Code, b.Code) }) {
		rows = append(rows, []any{u.Code, u.ExitCode, u.State})
	}
	return t.insert(ctx, "capri_user_code_log", "task_instance_code, user_code, execute_state", rows, t.d.ignore("user_code"))
}

// UserCodes reads what the scripts of these attempts have returned, oldest first.
func (t *WorkTx) UserCodes(ctx context.Context, codes []string) (map[string][]UserCode, error) {
	out := map[string][]UserCode{}
	for page := range pages(sorted(codes), 1000) {
		var rows []UserCode
		// ix_user_code_instance (task_instance_code)
		if err := t.all(ctx, &rows, "SELECT task_instance_code, user_code, execute_state FROM capri_user_code_log WHERE task_instance_code IN ("+
			placeholders(len(page))+") ORDER BY task_instance_code, id", anys(page)...); err != nil {
			return nil, fmt.Errorf("read user codes: %w", err)
		}
		for _, r := range rows {
			out[r.Code] = append(out[r.Code], r)
		}
	}
	return out, nil
}

// JudgeUserCodes notes that the attempts with these codes are judged:
// execute_state 0 (domain.md §7).
func (t *WorkTx) JudgeUserCodes(ctx context.Context, codes []string) error {
	return t.judgeUserCodes(ctx, codes)
}

// JudgeUserCodes notes that the attempts with these codes are judged.
func (t *LeaderTx) JudgeUserCodes(ctx context.Context, codes []string) error {
	return t.judgeUserCodes(ctx, codes)
}

func (t *tx) judgeUserCodes(ctx context.Context, codes []string) error {
	for page := range pages(sorted(codes), 1000) {
		// ix_user_code_instance (task_instance_code)
		if _, err := t.exec(ctx, "UPDATE capri_user_code_log SET execute_state = ? WHERE execute_state <> ? AND task_instance_code IN ("+placeholders(len(page))+")",
			append([]any{ExecuteJudged, ExecuteJudged}, anys(page)...)...); err != nil {
			return fmt.Errorf("note judged attempts: %w", err)
		}
	}
	return nil
}
