package worker

import (
	"fmt"

	"capricornus/common/logs"
	"capricornus/common/wire"
	"capricornus/worker/run"
)

const noticeUnseen = "outputs-unknown"

// unseen tells people that a script has ended and that its attempt cannot be
// judged, once for each attempt: the masters tell a notice apart by its attempt.
func (w *Worker) unseen(spec run.Spec, err error) {
	w.log.Warn("outputs cannot be looked at; the attempt is judged when they can", logs.Batch, spec.Code(), logs.Error(err))
	w.notices.add(wire.Notice{
		Kind: noticeUnseen, Host: w.cfg.Host, WorkID: spec.WorkID, Attempt: spec.Attempt, Object: spec.Code(),
		Occurrence: "once", Level: "important",
		Text: fmt.Sprintf("the script of %s on %s has ended, and its outputs cannot be looked at: %v; it counts as running and keeps its slot until they can, or until it is killed",
			spec.Code(), w.cfg.Host, err),
	})
}
