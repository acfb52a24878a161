package intake

import (
	"fmt"
	"strconv"

	"capricornus/common/batch"
	"capricornus/common/store"
	"capricornus/common/wire"
)

// judgeUsage raises what a running attempt has used at most. That is no move:
// the batch goes on as it is.
func judgeUsage(f wire.Fact, w world) judgement {
	if w.work.State != batch.Running {
		return judgement{verdict: wire.VerdictStale}
	}
	return judgement{
		verdict: wire.VerdictOK, alerts: overAlerts(f, w),
		peak: &store.Peak{WorkID: f.WorkID, Attempt: f.Attempt, Memory: f.PeakMemory, Processes: f.PeakProcesses, CPUMillis: f.CPUMillis},
	}
}

// overAlerts tells the administrators of an attempt that uses more memory than
// its task declares, once in the batch's life, and of one that its worker had
// to end for a limit (seed A3-63).
func overAlerts(f wire.Fact, w world) []store.Alert {
	var out []store.Alert
	ref := w.work.Ref(w.name).String()
	declared := int64(w.def.Spec.Workers.Memory)
	if declared > 0 && f.PeakMemory > declared && w.work.PeakMemory <= declared {
		out = append(out, store.Alert{
			Kind: store.AlertOverMemory, Object: ref, Occurrence: store.OccurredOnce, Level: store.LevelCritical, TaskID: w.work.TaskID, WorkID: w.work.ID,
			Text: fmt.Sprintf("attempt %d of %s on %s has used %s of memory; its task declares %s",
				f.Attempt, ref, f.Host, mebibytes(f.PeakMemory), mebibytes(declared)),
		})
	}
	if f.Over {
		out = append(out, store.Alert{
			Kind: store.AlertOverLimit, Object: ref, Occurrence: strconv.Itoa(f.Attempt), Level: store.LevelCritical, TaskID: w.work.TaskID, WorkID: w.work.ID,
			Text: fmt.Sprintf("attempt %d of %s was ended by its worker %s: %s", f.Attempt, ref, f.Host, f.Reason),
		})
	}
	return out
}

// mayAlert is how many alerts a fact can lead to at most.
func mayAlert(f *wire.Fact) int {
	n := 0
	switch f.Kind {
	case wire.FactFinished, wire.FactLost, wire.FactRefused:
		n++
	default:
	}
	if f.PeakMemory > 0 {
		n++
	}
	if f.Over {
		n++
	}
	return n
}

func mebibytes(n int64) string { return strconv.FormatInt(n>>20, 10) + " MiB" }
