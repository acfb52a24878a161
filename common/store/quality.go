package store

import (
	"context"
	"fmt"

	"capricornus/common/batch"
)

// What stands before the data-quality gate: place has found every earlier gate
// open (domain.md §6), and the service has not answered yet.
const behindQuality = "state = 0 AND unmet = 0 AND gate = '" + string(batch.GateQuality) + "' AND qualityState IN (0, 1)"

// BehindQuality lists batches before the data-quality gate whose answer is
// missing, in the order of assignment, after a position.
func (t *ViewTx) BehindQuality(ctx context.Context, after ReadyKey, limit int) ([]Work, error) {
	var out []Work
	// ix_work_ready (state, unmet, priority, scheduleTime, id)
	err := t.all(ctx, &out, "SELECT "+workCols+" FROM capri_task_work WHERE "+behindQuality+`
AND (priority > ? OR (priority = ? AND (scheduleTime > ? OR (scheduleTime = ? AND id > ?))))
ORDER BY priority, scheduleTime, id LIMIT ?`, after.Priority, after.Priority, after.ScheduleTime, after.ScheduleTime, after.ID, limit)
	if err != nil {
		return nil, fmt.Errorf("list batches before the quality gate: %w", err)
	}
	return out, nil
}

// BehindQualityOf reads those of some batches that are before the data-quality
// gate and whose answer is missing.
func (t *ViewTx) BehindQualityOf(ctx context.Context, ids []int64) ([]Work, error) {
	var out []Work
	for page := range pages(sorted(ids), 1000) {
		var rows []Work
		// by the primary key
		if err := t.all(ctx, &rows, "SELECT "+workCols+" FROM capri_task_work WHERE id IN ("+placeholders(len(page))+
			") AND state + 0 = 0 AND unmet + 0 = 0 AND gate = ? AND qualityState IN (0, 1) ORDER BY id", append(anys(page), batch.GateQuality)...); err != nil {
			return nil, fmt.Errorf("read batches before the quality gate: %w", err)
		}
		out = append(out, rows...)
	}
	return out, nil
}

// QualityAsked notes that the service has taken the question about these
// batches; one that was answered or went on meanwhile stays as it is.
func (t *LeaderTx) QualityAsked(ctx context.Context, ids []int64) error {
	for page := range pages(sorted(ids), 1000) {
		// by the primary key
		if _, err := t.exec(ctx, "UPDATE capri_task_work SET qualityState = 1, qualitySentAt = ? WHERE id IN ("+placeholders(len(page))+
			") AND state + 0 = 0 AND qualityState = 0", append([]any{t.now}, anys(page)...)...); err != nil {
			return fmt.Errorf("note what the quality service was asked: %w", err)
		}
	}
	return nil
}

// QualityNotReached counts one more try that did not reach the service.
func (t *LeaderTx) QualityNotReached(ctx context.Context, ids []int64) error {
	for page := range pages(sorted(ids), 1000) {
		// by the primary key
		if _, err := t.exec(ctx, "UPDATE capri_task_work SET qualityTries = qualityTries + 1 WHERE id IN ("+placeholders(len(page))+
			") AND state + 0 = 0 AND qualityState = 0", anys(page)...); err != nil {
			return fmt.Errorf("count calls of the quality service: %w", err)
		}
	}
	return nil
}

// QualityPassed lets batches through whose service kept silent; it returns
// those that still waited for it. Their messages stay until place comes by.
func (t *LeaderTx) QualityPassed(ctx context.Context, ids []int64) ([]int64, error) {
	works, err := t.lock(ctx, ids)
	if err != nil {
		return nil, err
	}
	var passed []int64
	for _, id := range sorted(ids) {
		if w := works[id]; w != nil && w.State == batch.Waiting && w.QualityState < batch.QualityRun {
			passed = append(passed, id)
		}
	}
	return passed, t.setQuality(ctx, passed, batch.QualityRun)
}

// AnswerQuality writes the service's answer, or a person's in its stead, to a
// batch locked in this transaction.
func (t *OperateTx) AnswerQuality(ctx context.Context, id int64, answer int) error {
	return t.setQuality(ctx, []int64{id}, answer)
}

func (t *tx) setQuality(ctx context.Context, ids []int64, answer int) error {
	for page := range pages(ids, 1000) {
		// by the primary key
		if _, err := t.exec(ctx, "UPDATE capri_task_work SET qualityState = ? WHERE id IN ("+placeholders(len(page))+")", append([]any{answer}, anys(page)...)...); err != nil {
			return fmt.Errorf("write the answer of the quality gate: %w", err)
		}
	}
	return nil
}
