package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"

	"capricornus/common/batch"
)

// Levels of alerts (domain.md §10).
const (
	LevelCritical  = "critical"  // 严重
	LevelImportant = "important" // 重要
	LevelNotice    = "notice"    // 关注
	LevelTask      = "task"      // by the task's own rule
)

// Kinds of alerts about batches and workers. Their objects are task/workNo.run
// and the host.
const (
	AlertDependTimeout = "depend-timeout"
	AlertOutputTimeout = "output-timeout"
	AlertBatchFailed   = "batch-failed"
	AlertBatchRefused  = "batch-refused"       // refused again and again, for want of resources (seed GAP-12)
	AlertOverMemory    = "attempt-over-memory" // used more memory than its task declares
	AlertOverLimit     = "attempt-over-limit"  // was ended by its worker for a limit
	AlertHDFSHung      = "hdfs-hung"           // a process of an attempt hung on HDFS and was ended
	AlertDownloadHung  = "download-hung"       // fetching a program package hung, or was too slow, and was ended; its object is the path
	AlertOutputsUnseen = "outputs-unknown"     // a script has ended, and its outputs cannot be looked at
	AlertStalled       = "attempt-stalled"     // an attempt runs longer than usual and gets nowhere (seed A3-39)
	AlertWorkerLost    = "worker-lost"
	AlertWorkerBack    = "worker-back"
)

// OccurredOnce is the occurrence of what an object can meet only once.
const OccurredOnce = "once"

// Alert is recorded once per (kind, object, occurrence), whoever finds it and however often.
type Alert struct {
	ID         int64
	Kind       string
	Object     string
	Occurrence string
	Level      string
	TaskID     int64 // 0: about none
	WorkID     int64 // the batch that it is about; 0: about none, or about a whole task or host
	Text       string
}

// textLimit bounds what a TEXT column takes.
const textLimit = 60000

// FailureAlert is the alert about a batch that has failed or was lost; ok is
// false for every other end: what somebody killed or skipped is no failure.
func FailureAlert(w *Work, task, reason string) (a Alert, ok bool) {
	if w.State != batch.Done || (w.Finish != batch.Failed && w.Finish != batch.Lost) {
		return Alert{}, false
	}
	what, where := "failed", ""
	if w.Finish == batch.Lost {
		what = "is lost"
	}
	if w.Host != "" {
		where = fmt.Sprintf(" in attempt %d on %s", w.Attempt, w.Host)
	}
	ref := w.Ref(task).String()
	return Alert{
		Kind: AlertBatchFailed, Object: ref, Occurrence: strconv.Itoa(w.Attempt), Level: LevelTask, TaskID: w.TaskID, WorkID: w.ID,
		Text: fmt.Sprintf("%s %s%s: %s", ref, what, where, reason),
	}, true
}

func (t *tx) raise(ctx context.Context, all ...Alert) error {
	*t.rang = *t.rang || len(all) > 0
	rows := make([][]any, 0, len(all))
	for _, a := range slices.SortedFunc(slices.Values(all), byKey) {
		rows = append(rows, []any{a.ID, a.Kind, clip(a.Object, 200), a.Occurrence, a.Level, a.TaskID, a.WorkID, clip(a.Text, textLimit), t.now, 0})
	}
	return t.insert(ctx, "capri_alert", "id, kind, object, occurrence, level, taskId, workId, text, createdAt, deliveredAt", rows, t.d.ignore("kind"))
}

// byKey is the order in which alerts are written, so that two transactions
// never wait for each other.
func byKey(a, b Alert) int {
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Object, b.Object), cmp.Compare(a.Occurrence, b.Occurrence))
}

// Raise records alerts of the leader's.
func (t *LeaderTx) Raise(ctx context.Context, all ...Alert) error { return t.raise(ctx, all...) }

// Raise records alerts that follow facts.
func (t *WorkTx) Raise(ctx context.Context, all ...Alert) error { return t.raise(ctx, all...) }

// Raise records alerts that follow a person's command.
func (t *OperateTx) Raise(ctx context.Context, all ...Alert) error { return t.raise(ctx, all...) }

// Unraised keeps those alerts that nobody has raised yet, each once.
func (t *WorkTx) Unraised(ctx context.Context, all []Alert) ([]Alert, error) {
	type key struct {
		Kind       string `db:"kind"`
		Object     string `db:"object"`
		Occurrence string `db:"occurrence"`
	}
	seen := map[key]bool{}
	for page := range pages(all, 300) {
		args := make([]any, 0, 3*len(page))
		for i := range page {
			args = append(args, page[i].Kind, page[i].Object, page[i].Occurrence)
		}
		var rows []key
		// uk_alert_once (kind, object, occurrence)
		if err := t.all(ctx, &rows, "SELECT a.kind, a.object, a.occurrence FROM ("+t.d.values([]string{"kind", "object", "occurrence"}, len(page))+") k "+t.d.inOrder+
			" capri_alert a ON a.kind = k.kind AND a.object = k.object AND a.occurrence = k.occurrence", args...); err != nil {
			return nil, fmt.Errorf("read raised alerts: %w", err)
		}
		for _, r := range rows {
			seen[r] = true
		}
	}
	var out []Alert
	for i := range all {
		k := key{all[i].Kind, all[i].Object, all[i].Occurrence}
		if !seen[k] {
			seen[k] = true
			out = append(out, all[i])
		}
	}
	return out, nil
}

// LastAlerts reads, for one kind of alerts whose occurrences are instants, the
// last occurrence of each object.
func (t *ViewTx) LastAlerts(ctx context.Context, kind string) (map[string]string, error) {
	var rows []struct {
		Object     string `db:"object"`
		Occurrence string `db:"occurrence"`
	}
	// uk_alert_once (kind, object, occurrence)
	if err := t.all(ctx, &rows, "SELECT object, MAX(occurrence) AS occurrence FROM capri_alert WHERE kind = ? GROUP BY object LIMIT 100000", kind); err != nil {
		return nil, fmt.Errorf("read the last alerts: %w", err)
	}
	out := make(map[string]string, len(rows))
	for _, r := range rows {
		out[r.Object] = r.Occurrence
	}
	return out, nil
}
