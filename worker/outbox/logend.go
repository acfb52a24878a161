package outbox

import (
	"context"

	"capricornus/common/wire"
)

// requestBytes bounds what is sent at a time: masters take 16 MB, and JSON may
// make six bytes of one.
const requestBytes = 2 << 20

// WithLogs is a Sender that gives the end of an attempt the end of its log,
// when Tail is not all of it. It is read when it is sent: neither the box nor
// its file holds it, however many ends wait for a master.
type WithLogs struct {
	Sender
	Read func(key wire.Held, size int64) []byte // the end of a log of this size; nil: it cannot be read
}

// Facts sends facts in requests of bounded size. After one that fails, the
// others have no verdict.
func (s WithLogs) Facts(ctx context.Context, facts []wire.Fact) ([]wire.FactVerdict, error) {
	verdicts := make([]wire.FactVerdict, 0, len(facts))
	for len(verdicts) < len(facts) {
		some := s.some(facts[len(verdicts):])
		given, err := s.Sender.Facts(ctx, some)
		if err != nil && len(verdicts) == 0 {
			return nil, err
		}
		if err != nil {
			return append(verdicts, make([]wire.FactVerdict, len(facts)-len(verdicts))...), nil //nolint:nilerr // those without a verdict are sent again
		}
		verdicts = append(verdicts, given...)
	}
	return verdicts, nil
}

// some returns as many of the first facts as fit into a request, at least one,
// with their logs.
func (s WithLogs) some(facts []wire.Fact) []wire.Fact {
	out := make([]wire.Fact, 0, len(facts))
	for size := 0; len(out) < len(facts); {
		fact := facts[len(out)]
		if ended := fact.Kind == wire.FactFinished || fact.Kind == wire.FactLost; ended && fact.LogBytes != int64(len(fact.Tail)) {
			fact.LogEnd = s.Read(keyOf(fact), fact.LogBytes)
		}
		size += len(fact.Tail) + len(fact.LogEnd) + len(fact.Result)
		if size > requestBytes && len(out) > 0 {
			return out
		}
		out = append(out, fact)
	}
	return out
}
