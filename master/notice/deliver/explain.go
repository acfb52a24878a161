package deliver

import (
	"context"
	"slices"
	"time"

	"capricornus/common/batch"
	"capricornus/common/store"
	"capricornus/common/wire"
	"capricornus/master/notice/text"
)

// explaining bounds how long a message waits for its reasons: it leaves without
// them else.
const explaining = 2 * time.Second

// explain adds what stands in the way of the one batch that a message is about.
func (p *pass) explain(ctx context.Context, m *store.Message, f *facts, out *text.Message) {
	alerts := f.alerts[m.ID]
	if p.Why == nil || len(alerts) != 1 || alerts[0].WorkID == 0 || m.Purpose != text.PurposeAlert && m.Purpose != text.PurposeUpdate {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, explaining)
	defer cancel()
	ref := batch.Ref{Task: alerts[0].Task, WorkNo: alerts[0].WorkNo, Run: alerts[0].Run}
	why, err := p.Why(ctx, ref, f.lang(m))
	if err != nil {
		return // the message says what has happened all the same
	}
	out.Alerts[0].Why = reasons(&why)
}

// reasons are the sentences of an explanation, the worst first.
func reasons(why *wire.Why) []string {
	var out []string
	add := func(sentence string) {
		if sentence != "" && !slices.Contains(out, sentence) {
			out = append(out, sentence)
		}
	}
	add(why.Summary)
	for _, r := range why.Roots {
		add(r.Sentence)
	}
	for _, g := range why.Gates {
		if g.State == "unmet" {
			add(g.Sentence)
		}
	}
	for _, fact := range why.Facts {
		add(fact)
	}
	return out
}
