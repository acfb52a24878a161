package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"capricornus/common/fault"
	"capricornus/common/wire"
)

func opItemsCommand(a *app) *cobra.Command {
	var limit int
	var query wire.ItemQuery
	cmd := &cobra.Command{
		Use: "items ID", Short: "List the batches of an operation: decision, and what became of each", Args: arguments(1, 1),
		Example: "  capri op items 1147 -o json\n  capri op items 1147 --decision create --state failed",
		RunE: a.callOperation(func(ctx context.Context, c *wire.Client, id int64) error {
			if limit < 0 {
				return fault.New(fault.Usage, "--limit %d is too small: write 1 or more, or 0 for all", limit)
			}
			list := wire.OperationItemList{Items: []wire.OperationItem{}}
			for {
				query.Cursor, query.Limit = list.Next, nextPage(limit, len(list.Items))
				page, err := c.OperationItems(ctx, id, query)
				if err != nil {
					return err
				}
				list.Items, list.Next = append(list.Items, page.Items...), page.Next
				if page.Next == "" || len(page.Items) == 0 || limit > 0 && len(list.Items) >= limit {
					break
				}
			}
			err := a.show(list, namesOf(list.Items, itemName), func() { a.itemTable(list.Items) })
			a.moreThan(list.Next, len(list.Items))
			return err
		}),
	}
	cmd.Flags().StringVar(&query.Decision, "decision", "", "only `create|change|skip|block|fail`")
	cmd.Flags().StringVar(&query.State, "state", "", "only those whose batch is in this `STATE`, or has this result")
	cmd.Flags().IntVar(&limit, "limit", 0, "at most `N`; 0: all")
	return cmd
}

func itemName(i wire.OperationItem) string {
	if i.Ref != "" {
		return i.Ref
	}
	return i.Task + "/" + i.WorkNo
}

func (a *app) itemTable(items []wire.OperationItem) {
	rows := make([]row, len(items))
	for n, i := range items {
		tint := decisionColor(i.Decision)
		if i.Decision == "fail" {
			tint = red
		}
		rows[n] = row{i.N, cell{i.Decision, tint}, itemName(i), i.Code, dash(i.State), i.Result}
	}
	a.table([]string{"N", "DECISION", "BATCH", "CODE", "STATE", "RESULT"}, rows)
}

func opCancelCommand(a *app) *cobra.Command {
	var reason string
	var yes bool
	cmd := &cobra.Command{
		Use: "cancel ID", Short: "Stop an operation", Args: arguments(1, 1),
		Example: "  capri op cancel 1147 --reason 'wrong range'",
		Long: `Stops an operation: nothing more is made or changed, and what it has made and has not
begun is ended. What runs goes on. capri op resume goes on with it.`,
		RunE: a.callOperation(func(ctx context.Context, c *wire.Client, id int64) error {
			if reason == "" {
				return noReason()
			}
			if err := a.mayAsk(yes); err != nil {
				return err
			}
			if err := a.confirm(yes, fmt.Sprintf("Cancel operation %d?", id)); err != nil {
				return err
			}
			operation, err := c.TurnOperation(ctx, "cancel", id, reason)
			if err != nil {
				return err
			}
			a.say("operation %d is cancelled; capri op resume %d goes on with it", id, id)
			return a.showOperation(ctx, c, operation)
		}),
	}
	cmd.Flags().StringVar(&reason, "reason", "", "`TEXT` kept with the operation")
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return cmd
}

func opResumeCommand(a *app) *cobra.Command {
	var reason string
	cmd := &cobra.Command{
		Use: "resume ID", Short: "Go on with a cancelled operation", Args: arguments(1, 1),
		Example: "  capri op resume 1147",
		RunE: a.callOperation(func(ctx context.Context, c *wire.Client, id int64) error {
			operation, err := c.TurnOperation(ctx, "resume", id, reason)
			if err != nil {
				return err
			}
			a.say("operation %d goes on; capri op watch %d follows it", id, id)
			return a.showOperation(ctx, c, operation)
		}),
	}
	cmd.Flags().StringVar(&reason, "reason", "", "`TEXT` kept with it")
	return cmd
}

func opWatchCommand(a *app) *cobra.Command {
	var timeout time.Duration
	cmd := &cobra.Command{
		Use: "watch ID", Short: "Follow an operation to its end", Args: arguments(1, 1),
		Example: "  capri op watch 1147 --timeout 2h",
		Long: `Follows an operation until all its batches have ended, or, for a command, until all are
dealt with. Exit code 0 when all went well, 20 when batches failed, 6 when some were blocked,
left alone or cancelled, 8 when --timeout passed first.`,
		RunE: a.callOperation(func(ctx context.Context, c *wire.Client, id int64) error {
			return a.watchOperation(ctx, c, id, timeout)
		}),
	}
	cmd.Flags().DurationVar(&timeout, "timeout", 0, "give up after `TIME`, for example 90s or 2h; 0: never")
	return cmd
}

// watchOperation follows an operation to its end and shows it as it ended; with
// a timeout of 0 for as long as that takes.
func (a *app) watchOperation(ctx context.Context, c *wire.Client, id int64, timeout time.Duration) error {
	limited, cancel := ctx, context.CancelFunc(func() {})
	if timeout > 0 {
		limited, cancel = context.WithTimeout(ctx, timeout)
	}
	defer cancel()
	w := opWatch{app: a, client: c, id: id, bar: a.moving()}
	operation, err := w.follow(limited)
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return fault.New(fault.Timeout, "after %s operation %d is not at its end: %s", timeout, id, operationCounts(operation))
	}
	if err != nil {
		return err
	}
	if err := a.showOperation(ctx, c, operation); err != nil {
		return err
	}
	if err := operationVerdict(operation); err != nil {
		return err
	}
	if w.bar { // otherwise that was the last line
		a.say("operation %d is done: %s", id, operationCounts(operation))
	}
	return nil
}

// opWatch looks at an operation until it is at its end.
type opWatch struct {
	app    *app
	client *wire.Client
	id     int64
	bar    bool // redraw one line; otherwise a line for each change
	shown  string
	from   progress // at the first look, for the time that is left
}

// progress is how much of an operation had ended at an instant.
type progress struct {
	at   time.Time
	done int
}

// left guesses the time until the end from how fast it went while it was
// watched, 0 while that cannot be told.
func (p progress) left(now time.Time, done, total int) time.Duration {
	went, took := done-p.done, now.Sub(p.at)
	if went < 1 || took <= 0 || done >= total {
		return 0
	}
	return time.Duration(float64(took) / float64(went) * float64(total-done))
}

// follow returns the operation as it ended, or as it was seen last. A change
// of leader does not end it, as in batch wait.
func (w *opWatch) follow(ctx context.Context) (last wire.Operation, err error) {
	defer w.clear()
	answered := time.Time{}
	for {
		operation, err := w.client.Operation(ctx, w.id)
		switch {
		case err == nil:
			last, answered = operation, w.app.now()
			w.draw(operation)
			if operationEnded(operation) {
				return operation, nil
			}
		case ctx.Err() != nil:
			return last, ctx.Err()
		case !passing(err) || answered.IsZero() || w.app.now().Sub(answered) > patience:
			return last, err
		}
		if err := w.app.pause(ctx); err != nil {
			return last, err
		}
	}
}

// operationEnded tells that nothing about an operation will change any more by
// itself; a cancelled one ends once what it had made is ended.
func operationEnded(o wire.Operation) bool {
	return o.State == "done" || o.State == "cancelled" && o.EndedAt > 0
}

func (w *opWatch) draw(o wire.Operation) {
	line := fmt.Sprintf("operation %d %s: %s", o.ID, o.State, operationCounts(o))
	if line == w.shown {
		return
	}
	w.shown = line
	now, ended := w.app.now(), operationDone(o)
	if w.from.at.IsZero() {
		w.from = progress{now, ended}
	}
	rest := ""
	if left := w.from.left(now, ended, o.Total); left > 0 && !operationEnded(o) {
		rest = ", about " + span(left) + " left"
	}
	if !w.bar {
		w.app.say("%s%s", line, rest)
		return
	}
	counts, _, _ := strings.Cut(operationCounts(o), ", 0 skipped")
	fmt.Fprintf(w.app.err, "\r\x1b[K%s %s: %s%s", operationBar(o), o.State, counts, rest)
}

// operationDone is how many batches of an operation nothing more becomes of.
func operationDone(o wire.Operation) int {
	if commands(o.Kind) {
		return o.Created + o.Failed
	}
	return o.Done + o.Failed
}

// clear takes the line that was redrawn away.
func (w *opWatch) clear() {
	if w.bar && w.shown != "" {
		fmt.Fprint(w.app.err, "\r\x1b[K")
	}
}

// barWidth is how many characters a progress bar has.
const barWidth = 24

// operationBar draws how far an operation is: what is made or changed in light,
// what has ended in full.
func operationBar(o wire.Operation) string {
	part := func(n int) int { return min(barWidth, barWidth*n/max(1, o.Total)) }
	full, light := part(operationDone(o)), part(o.Created)
	light = max(light, full)
	return strings.Repeat("█", full) + strings.Repeat("▒", light-full) + strings.Repeat("░", barWidth-light)
}

// operationVerdict is the exit code of an operation at its end.
func operationVerdict(o wire.Operation) error {
	hint := fmt.Sprintf("capri op items %d says which", o.ID)
	switch {
	case o.Failed > 0 && !commands(o.Kind):
		return &outcome{code: exitBatchFailed, text: plural(o.Failed, "batch") + " not successful; " + hint}
	case o.State == "cancelled":
		return &outcome{code: exitPartly, text: fmt.Sprintf("operation %d was cancelled; capri op resume %d goes on with it", o.ID, o.ID)}
	case o.Failed > 0:
		return &outcome{code: exitPartly, text: plural(o.Failed, "batch") + " had changed and " + wasWere(o.Failed) + " left alone; " + hint}
	case o.Blocked > 0:
		return &outcome{code: exitPartly, text: plural(o.Blocked, "batch") + " blocked; " + hint}
	}
	return nil
}

func wasWere(n int) string {
	if n == 1 {
		return "was"
	}
	return "were"
}
