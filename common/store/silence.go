package store

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// MaxSilence is how long a silence may last (console.md §3.3: it needs an end).
const MaxSilence = 30 * 24 * time.Hour

// MaxSilences is how many silences there may be at once: every alert is
// compared with all of them.
const MaxSilences = 500

// Silence keeps the alerts that it covers from people until it ends. They are
// recorded all the same. What it leaves empty may be anything.
type Silence struct {
	ID        int64  `db:"id"`
	Kind      string `db:"kind"`
	Object    string `db:"object"` // with a star at its end: all that begins so
	TaskID    int64  `db:"taskId"`
	ProjectID int64  `db:"projectId"`
	Reason    string `db:"reason"`
	Author    string `db:"author"`
	CreatedAt int64  `db:"createdAt"`
	EndsAt    int64  `db:"endsAt"`
	EndedBy   string `db:"endedBy"` // who has ended it early; empty: nobody
}

// Covers tells whether a silence that goes on keeps an alert from people: all
// that it names is the alert's. One that names nothing covers nothing.
func (s *Silence) Covers(a *UndealtAlert) bool {
	if s.Kind == "" && s.Object == "" && s.TaskID == 0 && s.ProjectID == 0 {
		return false
	}
	return (s.Kind == "" || s.Kind == a.Kind) && s.coversObject(a.Object) &&
		(s.TaskID == 0 || s.TaskID == a.TaskID) && (s.ProjectID == 0 || s.ProjectID == a.ProjectID)
}

func (s *Silence) coversObject(object string) bool {
	if start, found := strings.CutSuffix(s.Object, "*"); found {
		return strings.HasPrefix(object, start)
	}
	return s.Object == "" || s.Object == object
}

// SilenceRow is a silence with the names of what it is about.
type SilenceRow struct {
	Silence
	Task    string `db:"task"`
	Project string `db:"project"`
}

const (
	silenceCols    = "id, kind, object, taskId, projectId, reason, author, createdAt, endsAt, endedBy"
	selectSilences = `SELECT s.id, s.kind, s.object, s.taskId, s.projectId, s.reason, s.author, s.createdAt, s.endsAt, s.endedBy, COALESCE(t.name, '') AS task, COALESCE(p.name, '') AS project
FROM capri_silence s LEFT JOIN capri_task t ON t.id = s.taskId LEFT JOIN capri_project p ON p.id = s.projectId`
)

// ActiveSilences are those that have not ended at an instant, in the order in
// which they end; at most MaxSilences.
func (t *ViewTx) ActiveSilences(ctx context.Context, now int64) ([]Silence, error) {
	var out []Silence
	// ix_silence_end (endsAt, id); one whose alerts were looked at again has ended, whatever this clock says
	if err := t.all(ctx, &out, "SELECT "+silenceCols+" FROM capri_silence WHERE endsAt > ? AND reopenedAt = 0 ORDER BY endsAt, id LIMIT ?", now, MaxSilences); err != nil {
		return nil, fmt.Errorf("read silences: %w", err)
	}
	return out, nil
}

// SilenceFilter selects silences for a list.
type SilenceFilter struct {
	Ended  bool  // those that have ended, too
	Before int64 // id; 0: from the newest on
	Limit  int
}

// Silences lists silences, newest first.
func (t *ViewTx) Silences(ctx context.Context, f SilenceFilter) ([]SilenceRow, error) {
	w := where{}
	w.add(!f.Ended, "s.endsAt > ?", t.now)
	w.add(f.Before != 0, "s.id < ?", f.Before)
	var out []SilenceRow
	// by the primary key, backwards
	if err := t.all(ctx, &out, selectSilences+w.text()+" ORDER BY s.id DESC LIMIT ?", append(w.args, f.Limit)...); err != nil {
		return nil, fmt.Errorf("list silences: %w", err)
	}
	return out, nil
}

// SilenceByID reads one silence.
func (t *ViewTx) SilenceByID(ctx context.Context, id int64) (SilenceRow, error) {
	var out SilenceRow
	// by the primary key
	err := t.get(ctx, &out, selectSilences+" WHERE s.id = ?", id)
	return out, err
}

// PutSilence begins a silence of the caller's now.
func (t *OperateTx) PutSilence(ctx context.Context, s Silence) error {
	return t.insert(ctx, "capri_silence", silenceCols+", reopenedAt",
		[][]any{{s.ID, s.Kind, s.Object, s.TaskID, s.ProjectID, s.Reason, t.by.ID, t.now, s.EndsAt, "", 0}}, "")
}

// LockSilence reads one silence and keeps others from ending it.
func (t *OperateTx) LockSilence(ctx context.Context, id int64) (SilenceRow, error) {
	var found int64
	// by the primary key
	if err := t.get(ctx, &found, "SELECT id FROM capri_silence WHERE id = ?"+t.d.forUpdate, id); err != nil {
		return SilenceRow{}, err
	}
	return t.SilenceByID(ctx, id)
}

// EndSilence ends a silence now, by the caller.
func (t *OperateTx) EndSilence(ctx context.Context, id int64) error {
	if _, err := t.exec(ctx, "UPDATE capri_silence SET endsAt = ?, endedBy = ? WHERE id = ?", t.now, t.by.ID, id); err != nil {
		return fmt.Errorf("end silence %d: %w", id, err)
	}
	return nil
}

// silencesAtOnce is how many silences that have ended are looked at in one
// transaction.
const silencesAtOnce = 20

// ReopenSilenced lets alerts be dealt with again that silences had kept from
// people: of silences that have ended by now, those whose incident is still
// open, so that people are told of what is still wrong. At most limit at once;
// it tells how many, and whether there may be more.
func (t *LeaderTx) ReopenSilenced(ctx context.Context, limit int) (reopened int, more bool, err error) {
	var ended []int64
	// ix_silence_end (endsAt, id)
	if err := t.all(ctx, &ended, "SELECT id FROM capri_silence WHERE reopenedAt = 0 AND endsAt <= ? ORDER BY endsAt, id LIMIT ?", t.now, silencesAtOnce); err != nil {
		return 0, false, fmt.Errorf("list silences that have ended: %w", err)
	}
	for _, silence := range ended {
		if reopened >= limit {
			break
		}
		n, err := t.reopen(ctx, silence, limit-reopened)
		if err != nil {
			return reopened, false, err
		}
		reopened += n
	}
	return reopened, reopened >= limit || len(ended) == silencesAtOnce, nil
}

// reopen is ReopenSilenced for one silence. It is done with it when less than
// limit is left.
func (t *LeaderTx) reopen(ctx context.Context, silence int64, limit int) (int, error) {
	var alerts []int64
	// ix_alert_silence (silenceId, id), and capri_incident by its primary key
	if err := t.all(ctx, &alerts, `SELECT a.id FROM capri_alert a JOIN capri_incident i ON i.id = a.incidentId
WHERE a.silenceId = ? AND i.openKey = 1 ORDER BY a.id LIMIT ?`, silence, limit); err != nil {
		return 0, fmt.Errorf("list alerts of silence %d: %w", silence, err)
	}
	for page := range pages(alerts, 1000) {
		if _, err := t.exec(ctx, "UPDATE capri_alert SET dealtAt = 0, silenceId = 0 WHERE id IN ("+placeholders(len(page))+")", anys(page)...); err != nil {
			return 0, fmt.Errorf("reopen alerts of silence %d: %w", silence, err)
		}
	}
	if len(alerts) >= limit {
		return len(alerts), nil
	}
	if _, err := t.exec(ctx, "UPDATE capri_silence SET reopenedAt = ? WHERE id = ?", t.now, silence); err != nil {
		return 0, fmt.Errorf("settle silence %d: %w", silence, err)
	}
	return len(alerts), nil
}
