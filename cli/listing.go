package cli

import (
	"context"
	"strconv"

	"github.com/spf13/cobra"

	"capricornus/common/fault"
	"capricornus/common/wire"
)

// collect fetches the pages of a list, at most limit items; 0: all.
func collect[T any](limit int, page func(cursor string, size int) ([]T, string, error)) (items []T, next string, err error) {
	if limit < 0 {
		return nil, "", fault.New(fault.Usage, "--limit %d is too small: write 1 or more, or 0 for all", limit)
	}
	items = []T{}
	for {
		more, following, err := page(next, nextPage(limit, len(items)))
		if err != nil {
			return nil, "", err
		}
		items, next = append(items, more...), following
		if next == "" || len(more) == 0 || limit > 0 && len(items) >= limit {
			return items, next, nil
		}
	}
}

// itemList is how a list is printed: as a whole with its cursor, so that a
// program can tell that it was cut.
type itemList[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty"`
}

// showList prints a list as -o asks and says when --limit has cut it.
func showList[T any](a *app, items []T, next string, name func(T) string, draw func()) error {
	err := a.show(itemList[T]{items, next}, namesOf(items, name), draw)
	a.moreThan(next, len(items))
	return err
}

// removal is a command that takes something away: it wants a reason, and asks.
type removal struct {
	app    *app
	reason string
	yes    bool
}

func (r *removal) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&r.reason, "reason", "", "`TEXT` kept in the audit log")
	cmd.Flags().BoolVar(&r.yes, "yes", false, "do not ask")
}

// run asks the question, makes the call, and says what is true now.
func (r *removal) run(ctx context.Context, question, done string, give func(context.Context, *wire.Client) error) error {
	if r.reason == "" {
		return noReason()
	}
	if err := r.app.mayAsk(r.yes); err != nil {
		return err
	}
	c, err := r.app.client()
	if err != nil {
		return err
	}
	if err := r.app.confirm(r.yes, question); err != nil {
		return err
	}
	if err := give(ctx, c); err != nil {
		return err
	}
	r.app.say("%s", oneLine(done))
	return nil
}

// reasonFlag is --reason of a command that need not have one.
func reasonFlag(cmd *cobra.Command, reason *string) {
	cmd.Flags().StringVar(reason, "reason", "", "`TEXT` kept in the audit log")
}

func limitFlag(cmd *cobra.Command, limit *int, usual int) {
	cmd.Flags().IntVar(limit, "limit", usual, "at most `N`; 0: all")
}

// parseID reads the number of something.
func parseID(what, text string) (int64, error) {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id < 1 {
		return 0, fault.New(fault.Usage, "%q is not the id of %s: write a number", text, what)
	}
	return id, nil
}
