package gate

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"capricornus/common/batch"
	"capricornus/common/logs"
	"capricornus/common/store"
	"capricornus/common/wire"
)

const (
	qualityDeadline = 10 * time.Second // of one call
	qualityAtOnce   = 8                // calls side by side
	qualityChunk    = 16               // calls whose outcome is written together
	qualityTries    = 4                // a first call and three more, then people are told
	maxQualityReply = 64 << 10
)

// qualityClient follows no redirects: the service is where the configuration
// says, and nowhere else.
func qualityClient(way http.RoundTripper) *http.Client {
	if way == nil {
		way = &http.Transport{
			DialContext:         (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
			TLSHandshakeTimeout: 5 * time.Second,
			MaxIdleConnsPerHost: qualityAtOnce,
			IdleConnTimeout:     QualityEvery,
		}
	}
	return &http.Client{
		Timeout: qualityDeadline, Transport: way,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// qualityPause is how long a batch waits after its n-th call that failed.
func qualityPause(n int) time.Duration {
	switch n {
	case 1:
		return 5 * time.Second
	case 2:
		return 15 * time.Second
	case 3:
		return time.Minute
	}
	return 5 * time.Minute
}

// ask calls the service about batches, several at once. When it answers none of
// a chunk, the others are left to a later pass: nothing was tried for them.
func (p *qualityPass) ask(ctx context.Context, works []store.Work) error {
	for chunk := range slices.Chunk(works, qualityChunk) {
		if self := p.Self(); !p.asking || self == "" {
			return nil
		}
		questions, err := p.questions(ctx, chunk)
		if err != nil {
			return err
		}
		errs := make([]error, len(chunk))
		var calls errgroup.Group
		calls.SetLimit(qualityAtOnce)
		for i := range chunk {
			calls.Go(func() error {
				errs[i] = p.call(ctx, questions[chunk[i].ID])
				return nil
			})
		}
		_ = calls.Wait()
		if ctx.Err() != nil {
			return ctx.Err() // what failed, failed because of that
		}
		if err := p.note(ctx, chunk, errs); err != nil {
			return err
		}
	}
	return nil
}

// questions reads what the service is to know about batches.
func (p *qualityPass) questions(ctx context.Context, works []store.Work) (map[int64]wire.QualityQuestion, error) {
	ids := make([]int64, len(works))
	for i := range works {
		ids[i] = works[i].ID
	}
	out := make(map[int64]wire.QualityQuestion, len(works))
	err := p.view(ctx, func(t *store.ViewTx) error {
		batches, err := t.BatchesByID(ctx, ids)
		if err != nil {
			return err
		}
		depends, err := t.DependsOf(ctx, ids)
		for i := range batches {
			out[batches[i].ID] = question(&batches[i], depends[batches[i].ID], p.Self())
		}
		return err
	})
	return out, err
}

func question(b *store.Batch, d *store.Depends, self string) wire.QualityQuestion {
	q := wire.QualityQuestion{
		Batch: b.Ref().String(), Task: b.Task, Project: b.Project, WorkNo: b.WorkNo, Run: b.Type,
		ScheduleTime: b.ScheduleTime, BizStart: b.BizStart, BizEnd: b.BizEnd, Inputs: []string{}, Outputs: []string{},
		Answer: wire.QualityURL(self, b.Ref()),
	}
	if d == nil {
		return q
	}
	for _, path := range d.Paths {
		if path.Type == store.DataInput {
			q.Inputs = append(q.Inputs, path.Path)
		} else {
			q.Outputs = append(q.Outputs, path.Path)
		}
	}
	return q
}

// call asks about one batch. Any answer of 2xx means that the question is taken.
func (q *Quality) call(ctx context.Context, question wire.QualityQuestion) error {
	body, err := json.Marshal(question)
	if err != nil {
		return fmt.Errorf("encode the question: %w", err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, q.URL, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("make the call: %w", err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := q.http.Do(request)
	if err != nil {
		return withoutURL(err)
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, maxQualityReply))
	if response.StatusCode/100 != 2 {
		return fmt.Errorf("it answered %s", response.Status)
	}
	return nil
}

// withoutURL drops the URL that net/http writes into its errors: its query may
// be a secret.
func withoutURL(err error) error {
	u, ok := errors.AsType[*url.Error](err)
	if !ok {
		return err
	}
	if u.Timeout() {
		return fmt.Errorf("no answer within %s", qualityDeadline)
	}
	return u.Err
}

// note writes what became of calls; the alert is one a day, whoever fails.
func (p *qualityPass) note(ctx context.Context, works []store.Work, errs []error) error {
	var taken, failed []int64
	var last error
	tries := 0
	for i, w := range works {
		if errs[i] == nil {
			taken = append(taken, w.ID)
			continue
		}
		failed, last, tries = append(failed, w.ID), errs[i], max(tries, w.QualityTries+1)
	}
	var alerts []store.Alert
	if tries >= qualityTries {
		alerts = append(alerts, p.unreachable(tries, last))
	}
	ids, err := p.DB.IDs(ctx, len(alerts))
	if err != nil {
		return err
	}
	err = p.lead.Tx(ctx, DutyQuality, func(t *store.LeaderTx) error {
		if err := t.QualityAsked(ctx, taken); err != nil {
			return err
		}
		if err := t.QualityNotReached(ctx, failed); err != nil {
			return err
		}
		for i := range alerts {
			alerts[i].ID = ids[i]
		}
		return t.Raise(ctx, alerts...)
	})
	if err != nil {
		return err
	}
	p.changed += len(taken)
	p.asking = len(taken) > 0
	p.remember(works, errs)
	if last != nil {
		p.Log.Warn("quality service not reached", logs.Count, len(failed), logs.Error(last))
	}
	return nil
}

// remember notes when to call again and, for what was asked, that time runs anew.
func (p *qualityPass) remember(works []store.Work, errs []error) {
	now := p.DB.Now()
	for i := range works {
		m := p.known[works[i].ID]
		if errs[i] == nil {
			m.at = now.UnixMilli() // looked at once more, for when its silence ends
		} else {
			m.again = now.Add(qualityPause(works[i].QualityTries + 1)).UnixMilli()
			m.at = earlier(m.at, m.again)
		}
		p.known[works[i].ID] = m
	}
}

// unreachable is the alert that the service cannot be asked: phone, SMS and
// mail, as for dependencies that cannot be checked.
func (p *qualityPass) unreachable(tries int, cause error) store.Alert {
	where := p.URL
	if u, err := url.Parse(p.URL); err == nil {
		where = (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
	}
	return store.Alert{
		Kind: "quality-unreachable", Object: where, Occurrence: p.DB.Now().In(p.Zone).Format(time.DateOnly), Level: store.LevelCritical,
		Text: fmt.Sprintf("the data-quality service at %s was not reached in %d tries: %v; batches wait for it before their gate (%s)",
			where, tries, cause, batch.GateQuality),
	}
}
