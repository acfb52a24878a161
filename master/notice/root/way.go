package root

import (
	"strings"

	"capricornus/common/batch"
	"capricornus/common/store"
	"capricornus/master/notice/text"
)

// Kinds that have no names of their own in package store.
const (
	kindMissing     = "batch-missing"
	kindNotMade     = "generate-failed"
	kindSilent      = "quality-silent"
	kindCheckFailed = "depend-check-failed"
)

// way is how the root of an alert is found.
type way int

const (
	byEvent   way = iota // it has happened, and is its own root
	byWalk               // its batch waits: what for is the root
	byBatch              // its batch is in trouble itself
	byAbsence            // its object is a batch that should be there and is not
	byPath               // its object is a path
	byHost               // its object is a worker
	byWatch              // its end will be told
	byChannel            // its object is a channel
)

func wayOf(a *store.UndealtAlert) way {
	switch a.Kind {
	case store.AlertDependTimeout, store.AlertOutputTimeout:
		return byWalk
	case store.AlertBatchFailed, store.AlertBatchRefused, store.AlertOverMemory, store.AlertOverLimit, kindSilent, store.AlertStalled:
		return byBatch
	case store.AlertHDFSHung, store.AlertOutputsUnseen: // of a host's own when there is no batch
		if a.WorkID != 0 {
			return byBatch
		}
	case kindMissing, kindNotMade: // one alert is about many of them at once
		if workOf(a.Object) != "" {
			return byAbsence
		}
	case kindCheckFailed, store.AlertDownloadHung:
		return byPath
	case store.AlertWorkerLost, store.AlertWorkerBack:
		return byHost
	case store.AlertSendFailed:
		return byChannel
	}
	if text.Ends(a.Kind) {
		return byWatch
	}
	return byEvent
}

// Ended says that an alert tells the end of its root: it is the recovery of the
// incident, if one is open, and never the first alert of a new one.
func Ended(a *store.UndealtAlert) bool {
	return a.Kind == store.AlertWorkerBack || a.Level == store.LevelNotice && text.Ends(a.Kind)
}

// workOf is the batch that an object names, as task/workNo; empty: it names none.
func workOf(object string) string {
	object, _, _ = strings.Cut(object, "#")
	ref, err := batch.ParseRef(object)
	if err != nil {
		return ""
	}
	ref.Run = batch.AnyRun
	return ref.String()
}

// pathOf is the path of an alert about one. An object is cut where it is too
// long; the text begins with all of it.
func pathOf(a *store.UndealtAlert) string {
	if whole, _, found := strings.Cut(a.Text, checkFailed); found && a.Kind == kindCheckFailed && strings.HasPrefix(whole, a.Object) {
		return whole
	}
	return a.Object
}

const checkFailed = " could not be looked at"
