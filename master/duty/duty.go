package duty

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/robfig/cron/v3"

	"capricornus/master/election"
)

// Pass is what one call of Duty.Run did.
type Pass struct {
	Rows int       // how many it changed
	More bool      // whether another page waits
	Next time.Time // when the duty wants to be woken at the latest; zero: at its ticks and wakes
}

// Duty is one of the leader's recurring works.
type Duty struct {
	Name    string
	Every   time.Duration // its ticks; or
	Cron    string        // 5 or 6 fields, in the engine's zone
	Timeout time.Duration // for one call of Run; 0: one minute
	// Run does one page under the term's context. It may be called again at any
	// time, and may die halfway.
	Run func(ctx context.Context, term *election.Term) (Pass, error)
}

// asked marks the context of a pass that the clock or a person asked for.
type asked struct{}

// Asked tells a duty's Run whether its pass was asked for by the clock or by
// hand: then it looks at everything. A pass for a wake alone may keep to what
// the wake was about.
func Asked(ctx context.Context) bool { return ctx.Value(asked{}) != nil }

// byHand marks the context of a pass that a person asked for.
type byHand struct{}

// ByHand tells a duty's Run whether a person waits for its pass.
func ByHand(ctx context.Context) bool { return ctx.Value(byHand{}) != nil }

// Recorder notes when duties ran, for people and for the watch over the
// platform. It is told of ticks, runs by hand and errors, and of other passes
// at most every ten seconds; so an Ended can come without its Started.
type Recorder interface {
	Started(ctx context.Context, name string, at time.Time)
	Ended(ctx context.Context, name string, at time.Time, rows int, err error)
}

// Status is what one duty did since the process started.
type Status struct {
	Name     string
	Running  bool
	Passes   int64
	Rows     int64
	Failures int64 // panics included
	Panics   int64
	Began    time.Time     // the last pass
	Took     time.Duration // the last pass that ended
	Err      error         // of the last pass that ended
}

const defaultTimeout = time.Minute

func (d Duty) validate(zone *time.Location) error {
	switch {
	case d.Name == "":
		return errors.New("a duty has no name")
	case d.Run == nil:
		return fmt.Errorf("duty %s has nothing to run", d.Name)
	case d.Every < 0 || d.Timeout < 0:
		return fmt.Errorf("duty %s: times must not be negative", d.Name)
	case (d.Every > 0) == (d.Cron != ""):
		return fmt.Errorf("duty %s needs either an interval or a cron expression", d.Name)
	case d.Cron == "":
		return nil
	}
	// As gocron reads it; only with an error before any term has begun.
	parser := cron.NewParser(cron.SecondOptional | cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow)
	if _, err := parser.Parse("CRON_TZ=" + zone.String() + " " + d.Cron); err != nil {
		return fmt.Errorf("duty %s: cron %q: %w", d.Name, d.Cron, err)
	}
	return nil
}
