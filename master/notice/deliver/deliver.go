package deliver

import (
	"context"
	"log/slog"
	"time"

	"capricornus/common/batch"
	"capricornus/common/store"
	"capricornus/common/wire"
	"capricornus/master/duty"
	"capricornus/master/notice/channel"
	"capricornus/master/notice/text"
)

// Duty is the name of the duty; Every is how often it looks if nobody wakes it,
// and Timeout how long a pass may take.
const (
	Duty    = "deliver"
	Every   = 10 * time.Second
	Timeout = 5 * time.Minute
)

// Times of a pass.
const (
	begins = time.Minute     // it begins messages for so long, then ends with those on their way
	looks  = time.Second     // between two looks at what is due while some are on their way
	margin = 5 * time.Second // of a claim, beyond the longest that its channel takes

	perAlert      = 2 * time.Millisecond // more, for each alert that the messages name
	longestMaking = time.Minute          // for them together, at most
)

// Results of tries, as they are counted.
const (
	ResultSent   = "sent"
	ResultAgain  = "again"
	ResultFailed = "failed"
)

// Deps are what messages are made of and sent by.
type Deps struct {
	DB      *store.DB
	Zone    *time.Location
	Senders channel.Senders
	Link    string // the console's address; empty: none
	// Why explains a batch in a language; nil: nothing is explained.
	Why func(ctx context.Context, ref batch.Ref, lang string) (wire.Why, error)
	// Report is what a message of purpose report carries; nil: there are none.
	Report func(ctx context.Context, m store.Message) (text.Text, error)
	// Counted is told of each try that has ended; nil: nobody is.
	Counted func(channel, result string)
	Log     *slog.Logger
}

// Deliverer sends messages. It remembers the answers that it could not record.
type Deliverer struct {
	Deps

	unsettled []answer
}

// New wires the duty.
func New(d Deps) *Deliverer {
	if d.Counted == nil {
		d.Counted = func(string, string) {}
	}
	return &Deliverer{Deps: d}
}

// Deliver is one pass: it sends what is due until nothing is on its way.
func (d *Deliverer) Deliver(ctx context.Context, lead *store.Lead) (duty.Pass, error) {
	p := &pass{Deliverer: d, lead: lead, until: time.Now().Add(begins), flying: flight{}, answers: make(chan answer)}
	err := p.run(ctx)
	if err != nil {
		return duty.Pass{Rows: p.rows}, err
	}
	return p.next(ctx)
}

// next says when the next try of any message may begin.
func (p *pass) next(ctx context.Context) (duty.Pass, error) {
	out := duty.Pass{Rows: p.rows}
	var at, now int64
	err := p.DB.View(ctx, func(t *store.ViewTx) (err error) {
		now = t.Now()
		at, err = t.NextDue(ctx, channels()...)
		return err
	})
	switch {
	case err != nil || at == 0:
	case at <= now:
		out.More = true
	default:
		out.Next = time.UnixMilli(at)
	}
	return out, err
}
