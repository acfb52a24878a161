package worker

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"capricornus/common/logs"
	"capricornus/common/metrics"
	"capricornus/common/wire"
	"capricornus/worker/program"
	"capricornus/worker/run"
	"capricornus/worker/workdir"
)

const (
	// packagesDir is where program packages are kept, below the worker's root.
	packagesDir = "packages"

	noticeDownload = "download-hung"
	waitersNamed   = 5
)

// openPrograms opens the store of program packages.
func (w *Worker) openPrograms() (*program.Store, error) {
	return program.Open(w.root.Files(), packagesDir, program.Options{
		Paths: w.deps.Paths, Within: w.cfg.Fetch, Hung: w.cfg.FetchHung,
		Limit: w.cfg.Limits.Program, MinFree: w.cfg.Limits.MinFreeDisk, Free: w.freeDisk, Ended: w.fetchEnded,
	})
}

func (w *Worker) freeDisk() (int64, error) {
	figures, err := w.deps.Vitals()
	return figures.FreeDisk, err
}

// parcel is what became of an attempt's program package; the zero value is none
// that was wanted.
type parcel struct {
	pkg *program.Package
	bad error // the package is of no use: the attempt cannot run
}

func (p parcel) close() {
	if p.pkg != nil {
		_ = p.pkg.Close() // it was only read
	}
}

// fetch gets an attempt's program package before the masters are asked to
// start. What passes by itself is an objection, which uses up no try. What is
// wrong with the package itself is for the attempt to fail of.
func (w *Worker) fetch(ctx context.Context, assignment wire.Assignment) (parcel, *wire.Fact) {
	if assignment.Program == "" {
		return parcel{}, nil
	}
	key := wire.Held{WorkID: assignment.WorkID, Attempt: assignment.Attempt}
	pkg, err := w.programs.Fetch(ctx, assignment.Program, run.Spec{Assignment: assignment}.Code())
	switch {
	case err == nil:
		return parcel{pkg: pkg}, nil
	case ctx.Err() != nil, errors.Is(err, program.ErrLater):
		objection := w.objection(wire.FactUnready, key, err.Error())
		objection.Unknown = true
		return parcel{}, objection
	case errors.Is(err, program.ErrNoRoom):
		return parcel{}, w.objection(wire.FactRefused, key, err.Error())
	default:
		return parcel{bad: err}, nil
	}
}

// brings gives an attempt's directory what its program package is unpacked by.
func (w *Worker) brings(dir *workdir.Attempt, p parcel) {
	if p.pkg == nil {
		return
	}
	dir.FillWith(func(work *os.Root, uid, gid int) error {
		return p.pkg.Unpack(work, w.unpackLimit(), program.Owner{UID: uid, GID: gid})
	})
}

// unpackLimit is how much an attempt's package may become: what the limits
// allow, and what the disk has room for.
func (w *Worker) unpackLimit() program.Limit {
	limits := w.cfg.Limits
	limit := program.Limit{Bytes: -1}
	if limits.Unpacked > 0 {
		limit = program.Limit{Bytes: limits.Unpacked, Says: "unpacked it has more than the limit of " + mebibytes(limits.Unpacked)}
	}
	free, err := w.freeDisk()
	if err != nil {
		w.log.Warn("host cannot be measured", logs.Error(err))
		return limit
	}
	if room := max(0, free-limits.MinFreeDisk); limit.Bytes < 0 || room < limit.Bytes {
		says := fmt.Sprintf("it would leave less of the free disk of %s than the limit %s", mebibytes(free), mebibytes(limits.MinFreeDisk))
		limit = program.Limit{Bytes: room, Says: says}
	}
	return limit
}

// fetchEnded tells people of a fetch that hung or was too slow, once an hour for
// each path.
func (w *Worker) fetchEnded(e program.EndedFetch) {
	how := "was too slow"
	if e.Hung {
		how = "got no further"
	}
	size := "unknown size"
	if e.Size > 0 {
		size = volume(e.Size)
	}
	text := fmt.Sprintf("fetching the program package %s to %s %s and was ended: %s of %s in %s, no byte in the last %s; given back: %s",
		e.Path, w.cfg.Host, how, volume(e.Got), size, e.Took.Round(time.Second), e.Idle.Round(time.Second), named(e.Waiting))
	w.metrics.Hung(metrics.HungDownload)
	w.log.Warn("fetch of a program package is ended", logs.Path, e.Path, logs.Reason, text)
	w.notices.add(wire.Notice{
		Kind: noticeDownload, Host: w.cfg.Host, Object: e.Path, Level: "important",
		Occurrence: time.Now().UTC().Format("2006-01-02T15"), Text: text,
	})
}

// volume writes few bytes as such.
func volume(n int64) string {
	if n < 1<<20 {
		return fmt.Sprintf("%d bytes", n)
	}
	return mebibytes(n)
}

// named lists the first attempts and counts the others.
func named(attempts []string) string {
	if more := len(attempts) - waitersNamed; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(attempts[:waitersNamed], ", "), more)
	}
	return strings.Join(attempts, ", ")
}
