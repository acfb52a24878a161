package intake

import (
	"capricornus/common/store"
	"capricornus/common/wire"
)

// keep notes the end of a log that came with the end of its attempt.
func (r *rows) keep(f wire.Fact, j judgement) {
	if j.end == nil || len(f.LogEnd) == 0 {
		return
	}
	r.logs = append(r.logs, store.AttemptLog{
		WorkID: f.WorkID, Attempt: f.Attempt, FromByte: max(0, f.LogBytes-int64(len(f.LogEnd))), Text: f.LogEnd,
	})
}
