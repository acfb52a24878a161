package store

import "context"

// Levels of alerts (domain.md §10).
const (
	LevelCritical  = "critical"  // 严重
	LevelImportant = "important" // 重要
	LevelNotice    = "notice"    // 关注
	LevelTask      = "task"      // by the task's own rule
)

// Alert is recorded once per (kind, object, occurrence), whoever finds it and however often.
type Alert struct {
	ID         int64
	Kind       string
	Object     string
	Occurrence string
	Level      string
	TaskID     int64
	Text       string
}

// textLimit bounds what a TEXT column takes.
const textLimit = 60000

func (t *tx) raise(ctx context.Context, a Alert) error {
	return t.insert(ctx, "capri_alert", "id, kind, object, occurrence, level, taskId, text, createdAt, deliveredAt",
		[][]any{{a.ID, a.Kind, clip(a.Object, 200), a.Occurrence, a.Level, a.TaskID, clip(a.Text, textLimit), t.now, 0}}, t.d.ignore("kind"))
}

// Raise records an alert of the leader's.
func (t *LeaderTx) Raise(ctx context.Context, a Alert) error { return t.raise(ctx, a) }

// Raise records an alert that follows a fact.
func (t *WorkTx) Raise(ctx context.Context, a Alert) error { return t.raise(ctx, a) }

// Raise records an alert that follows a person's command.
func (t *OperateTx) Raise(ctx context.Context, a Alert) error { return t.raise(ctx, a) }
