package intake

import (
	"capricornus/common/batch"
	"capricornus/common/store"
	"capricornus/common/wire"
)

// judgeCode keeps what a script has returned while its attempt is not judged
// yet. The first code stands: the same again is taken, another one refused.
func judgeCode(f wire.Fact, w world) judgement {
	if w.work.State != batch.Running || f.ExitCode == nil {
		return judgement{verdict: wire.VerdictStale}
	}
	for _, known := range w.codes {
		if known.ExitCode != *f.ExitCode {
			return judgement{verdict: wire.VerdictNo}
		}
	}
	if len(w.codes) > 0 {
		return judgement{verdict: wire.VerdictOK}
	}
	return judgement{verdict: wire.VerdictOK, code: &store.UserCode{Code: w.code(), ExitCode: *f.ExitCode, State: store.ExecuteEnded}}
}

// finalCode is the row for what an ended attempt returned, unless it is there,
// and whether rows that are there are to be marked as judged.
func (w world) finalCode(f wire.Fact) (row *store.UserCode, judged bool) {
	there := false
	for _, known := range w.codes {
		judged = judged || known.State != store.ExecuteJudged
		there = there || f.ExitCode != nil && known.ExitCode == *f.ExitCode
	}
	if f.ExitCode != nil && !there {
		row = &store.UserCode{Code: w.code(), ExitCode: *f.ExitCode, State: store.ExecuteJudged}
	}
	return row, judged
}
