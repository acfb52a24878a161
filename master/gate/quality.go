package gate

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"capricornus/common/batch"
	"capricornus/common/store"
	"capricornus/common/task"
	"capricornus/master/duty"
)

// DutyQuality is the name of the duty of the data-quality gate.
const DutyQuality = "quality"

// QualityEvery is how often everything before the data-quality gate is looked at.
const QualityEvery = 30 * time.Second

const (
	qualityPage  = 256
	metLimit     = 1000 // hints; more are everything
	silencePass  = "pass"
	silenceAlert = "alert"
)

// QualityDeps are what the data-quality gate works with.
type QualityDeps struct {
	DB     *store.DB
	Defs   *store.Definitions
	URL    string            // of the data-quality service; empty: there is none
	Self   func() string     // the URL under which this master takes the answers
	Opened func()            // batches were let through
	Net    http.RoundTripper // how it is reached; nil: over the network
	Zone   *time.Location
	Log    *slog.Logger
}

// Quality asks the data-quality service about batches that have met everything
// before its gate, and knows what to do when it keeps silent (domain.md §8).
// Its answers come by the API. The service may be asked twice about one batch,
// when a master dies between its call and the note of it.
type Quality struct {
	QualityDeps
	http *http.Client

	mu       sync.Mutex
	met      []int64 // place has found these before the gate
	all      bool
	lastFull time.Time

	known map[int64]memory // of batches before the gate; the duty's goroutine alone uses it
}

// memory is what this master remembers of a batch before the gate. Losing it
// costs a call or an alert that is there already.
type memory struct {
	again int64 // when the service may be called again
	at    int64 // when time alone changes something; 0: it does not
	told  bool  // that the service keeps silent
}

// NewQuality wires the data-quality gate.
func NewQuality(d QualityDeps) *Quality {
	return &Quality{QualityDeps: d, http: qualityClient(d.Net), all: true, known: map[int64]memory{}}
}

// Met hints that these batches have come before the gate.
func (q *Quality) Met(ids []int64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.met = append(q.met, ids...); len(q.met) > metLimit {
		q.all, q.met = true, nil
	}
}

// take takes the hints; a pass that was asked for looks at everything.
func (q *Quality) take(now time.Time, asked bool) (met []int64, all bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	met, all = q.met, q.all || asked || now.Sub(q.lastFull) >= QualityEvery
	q.met, q.all = nil, false
	if all {
		q.lastFull = now
	}
	return met, all
}

func (q *Quality) lookAtAll() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.all = true
}

// Check is one pass of the duty.
func (q *Quality) Check(ctx context.Context, lead *store.Lead) (duty.Pass, error) {
	now := q.DB.Now()
	p := &qualityPass{Quality: q, lead: lead, seen: map[int64]bool{}, asking: q.URL != ""}
	met, all := q.take(now, duty.Asked(ctx))
	err := p.run(ctx, met, all, now)
	if err != nil {
		q.lookAtAll()
	}
	return duty.Pass{Rows: p.changed, Next: q.next()}, err
}

// next is when time alone changes something.
func (q *Quality) next() time.Time {
	first := int64(0)
	for _, m := range q.known {
		first = earlier(first, m.at)
	}
	if first == 0 {
		return time.Time{}
	}
	return time.UnixMilli(first)
}

// earlier is the earlier of two instants of which 0 is none.
func earlier(a, b int64) int64 {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

// qualityPass is one run of the duty.
type qualityPass struct {
	*Quality
	lead    *store.Lead
	seen    map[int64]bool
	asking  bool // until the service turns out to be away
	changed int
}

func (p *qualityPass) run(ctx context.Context, met []int64, all bool, now time.Time) error {
	if all {
		return p.everything(ctx)
	}
	for id, m := range p.known {
		if m.at != 0 && m.at <= now.UnixMilli() {
			met = append(met, id)
		}
	}
	if len(met) == 0 {
		return nil
	}
	var works []store.Work
	err := p.view(ctx, func(t *store.ViewTx) (err error) {
		works, err = t.BehindQualityOf(ctx, met)
		return err
	})
	if err != nil {
		return err
	}
	err = p.page(ctx, works)
	p.forget(met)
	return err
}

func (p *qualityPass) view(ctx context.Context, fn func(*store.ViewTx) error) error {
	return p.DB.View(ctx, fn)
}

func (p *qualityPass) everything(ctx context.Context) error {
	after := store.FirstReady()
	for {
		var works []store.Work
		err := p.view(ctx, func(t *store.ViewTx) (err error) {
			works, err = t.BehindQuality(ctx, after, qualityPage)
			return err
		})
		if err != nil {
			return err
		}
		if err := p.page(ctx, works); err != nil {
			return err
		}
		if len(works) < qualityPage {
			break
		}
		last := works[len(works)-1]
		after = store.ReadyKey{Priority: last.Priority, ScheduleTime: last.ScheduleTime, ID: last.ID}
	}
	known := make([]int64, 0, len(p.known))
	for id := range p.known {
		known = append(known, id)
	}
	p.forget(known)
	return nil
}

// forget drops what is known of batches that this pass has not met any more.
func (p *qualityPass) forget(ids []int64) {
	for _, id := range ids {
		if !p.seen[id] {
			delete(p.known, id)
		}
	}
}

// page looks at some batches: who waits for nothing but silence first, because
// a service that hangs must not hold that up.
func (p *qualityPass) page(ctx context.Context, works []store.Work) error {
	keys := make([]store.VersionKey, len(works))
	for i := range works {
		keys[i] = store.VersionKey{TaskID: works[i].TaskID, Version: works[i].TaskVersion}
	}
	defs, err := p.Defs.Get(ctx, keys)
	if err != nil {
		return err
	}
	now := p.DB.Now().UnixMilli()
	var pass, tell, ask []store.Work
	for i, w := range works {
		def := defs[keys[i]]
		if def == nil {
			continue
		}
		p.seen[w.ID] = true
		m := p.known[w.ID]
		s := decideQuality(&w, def.Spec.Quality, m, now)
		m.at = s.at
		p.known[w.ID] = m
		switch s.silence {
		case silencePass:
			pass = append(pass, w)
		case silenceAlert:
			tell = append(tell, w)
		}
		if s.ask {
			ask = append(ask, w)
		}
	}
	if err := p.onSilence(ctx, pass, tell); err != nil {
		return err
	}
	return p.ask(ctx, ask)
}

// qualityStep is what is to be done about a batch before the gate.
type qualityStep struct {
	ask     bool
	silence string // what the task wants done about the silence, now: pass, alert or nothing
	at      int64  // when time alone changes this; 0: it does not
}

// decideQuality decides about one batch whose answer is missing. The service
// has kept silent since it was asked or, when it never could be, since the
// batch came before the gate.
func decideQuality(w *store.Work, policy task.Quality, m memory, now int64) qualityStep {
	since := w.QualitySentAt
	if since == 0 {
		since = w.GateSince
	}
	until := since + time.Duration(policy.After).Milliseconds()
	acts := policy.OnSilence == silencePass || policy.OnSilence == silenceAlert
	var s qualityStep
	switch {
	case acts && now < until:
		s.at = until
	case policy.OnSilence == silencePass:
		return qualityStep{silence: silencePass}
	case policy.OnSilence == silenceAlert && !m.told:
		s.silence = silenceAlert
	}
	if w.QualityState != batch.QualityNone {
		return s
	}
	if s.ask = now >= m.again; !s.ask {
		s.at = earlier(s.at, m.again)
	}
	return s
}
