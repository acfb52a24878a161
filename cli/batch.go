package cli

import (
	"context"
	"strconv"

	"github.com/spf13/cobra"

	"capricornus/common/batch"
	"capricornus/common/fault"
	"capricornus/common/wire"
)

func batchCommand(a *app) *cobra.Command {
	return group("batch", "Look at batches, one run of a task each, and command them",
		batchListCommand(a), batchShowCommand(a), batchWhyCommand(a),
		batchLogsCommand(a), batchEventsCommand(a), batchWaitCommand(a), batchMissingCommand(a), batchGridCommand(a),
		batchRerunCommand(a), batchKillCommand(a), batchHoldCommand(a), batchReleaseCommand(a), batchMarkCommand(a))
}

// parseRef reads TASK/WORKNO[.RUN]; an error is about usage.
func parseRef(text string) (batch.Ref, error) {
	ref, err := batch.ParseRef(text)
	if err != nil {
		return batch.Ref{}, fault.Wrap(fault.Usage, err, "%s", err)
	}
	return ref, nil
}

// callRef makes the body of a command about one batch.
func (a *app) callRef(body func(ctx context.Context, c *wire.Client, ref batch.Ref) error) func(*cobra.Command, []string) error {
	return a.do(func(ctx context.Context, args []string) error {
		ref, err := parseRef(args[0])
		if err != nil {
			return err
		}
		c, err := a.client()
		if err != nil {
			return err
		}
		return body(ctx, c, ref)
	})
}

func batchListCommand(a *app) *cobra.Command {
	var query wire.BatchQuery
	cmd := &cobra.Command{
		Use: "list", Short: "List batches, newest schedule time first", Args: arguments(0, 0),
		Example: "  capri batch list --state failed --from 2015-05-18\n  capri batch list --task dwd_access_d --limit 7 -o name",
		RunE: a.call(func(ctx context.Context, c *wire.Client, _ []string) error {
			if query.Limit < 1 {
				return fault.New(fault.Usage, "--limit %d is too small: write 1 or more", query.Limit)
			}
			list, err := someBatches(ctx, c, query)
			if err != nil {
				return err
			}
			names := namesOf(list.Items, func(b wire.Batch) string { return b.Ref })
			err = a.show(list, names, func() { a.batchTable(a.clock(ctx, c), list.Items) })
			a.moreThan(list.Next, len(list.Items))
			return err
		}),
	}
	flags := cmd.Flags()
	flags.StringVar(&query.Task, "task", "", "only those of this `TASK`")
	flags.StringVar(&query.Project, "project", "", "only those of this `PROJECT`")
	flags.StringVar(&query.State, "state", "", "only in `STATE`: waiting, assigned, running, done, or a result such as failed")
	flags.StringVar(&query.From, "from", "", "scheduled at `TIME` or later: 2015-05-18, 2015-05-18T08:00")
	flags.StringVar(&query.To, "to", "", "scheduled at `TIME` or before")
	flags.BoolVar(&query.Late, "late", false, "only those past a timeout of theirs")
	flags.IntVar(&query.Limit, "limit", 50, "at most `N`")
	return cmd
}

// someBatches goes through the pages until the limit.
func someBatches(ctx context.Context, c *wire.Client, query wire.BatchQuery) (wire.BatchList, error) {
	list := wire.BatchList{Items: []wire.Batch{}}
	limit := query.Limit
	for {
		query.Limit = nextPage(limit, len(list.Items))
		page, err := c.Batches(ctx, query)
		if err != nil {
			return list, err
		}
		list.Items = append(list.Items, page.Items...)
		list.Next, query.Cursor = page.Next, page.Next
		if page.Next == "" || len(page.Items) == 0 || len(list.Items) >= limit {
			return list, nil
		}
	}
}

func (a *app) batchTable(k clock, batches []wire.Batch) {
	rows := make([]row, len(batches))
	for i, b := range batches {
		rows[i] = row{
			b.Ref, stateCell(b), k.at(b.ScheduledAt), k.at(b.StartedAt), a.ranFor(b), dash(b.Host), b.Attempt, a.note(b),
		}
	}
	a.table([]string{"BATCH", "STATE", k.header("SCHEDULED"), "STARTED", "TOOK", "HOST", "ATTEMPT", "NOTE"}, rows)
}

func (a *app) ranFor(b wire.Batch) string {
	if b.State != "running" && b.EndedAt == 0 {
		return "-"
	}
	return a.took(b.StartedAt, b.EndedAt)
}

// note says in a word what a batch waits for or how it ended.
func (a *app) note(b wire.Batch) string {
	if b.Message != "" {
		return b.Message
	}
	if b.State == "done" || b.State == "running" {
		return ""
	}
	if b.Unmet > 0 {
		return "waits for " + plural(b.Unmet, "dependency")
	}
	return b.Gate
}

func dash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

func batchShowCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "show BATCH", Short: "Show a batch with its attempts and dependencies", Args: arguments(1, 1),
		Example: "  capri batch show dwd_access_d/20150518",
		Long:    "BATCH is TASK/WORKNO.RUN, or TASK/WORKNO for the latest run: dwd_access_d/20150518.",
		RunE: a.callRef(func(ctx context.Context, c *wire.Client, ref batch.Ref) error {
			detail, err := c.Batch(ctx, ref)
			if err != nil {
				return err
			}
			return a.show(detail, []string{detail.Ref}, func() { a.batchDetail(a.clock(ctx, c), detail) })
		}),
	}
}

func (a *app) batchDetail(k clock, b wire.BatchDetail) {
	operation := ""
	if b.OperationID > 0 {
		operation = strconv.FormatInt(b.OperationID, 10)
	}
	a.fields(
		"Batch", cell{b.Ref, bold}, "State", stateCell(b.Batch), "Note", a.note(b.Batch), "Project", b.Project,
		"Period", b.Period, "Origin", b.Origin, "Operation", operation, "Request", b.RequestID, "Priority", b.Priority, "Version", b.TaskVersion,
		"Interval", "["+k.full(b.BizStart)+", "+k.full(b.BizEnd)+")",
		"Scheduled", k.full(b.ScheduledAt), "Created", k.full(b.CreatedAt), "Assigned", k.full(b.AssignedAt),
		"Started", k.full(b.StartedAt), "Ended", k.full(b.EndedAt), "Took", a.ranFor(b.Batch), "Retry at", k.full(b.RetryAt),
		"Late since", k.full(max(b.DependTimeoutAt, b.OutputTimeoutAt)), "Host", b.Host, "Memory", memoryOf(b),
	)
	if len(b.Attempts) > 0 {
		a.print("")
		a.attemptTable(k, b.Attempts)
		a.answer(b.Attempts)
	}
	if len(b.Depends) > 0 {
		a.print("")
		a.dependTable(k, b.Depends)
	}
	if len(b.Moved) > 0 {
		a.print("")
		a.movedTable(k, b.Moved)
	}
}

// memoryOf sets what a batch needs against what its attempts have used.
func memoryOf(b wire.BatchDetail) any {
	var used int64
	for _, t := range b.Attempts {
		used = max(used, t.PeakMemory)
	}
	switch {
	case b.Memory == 0:
		return ""
	case used == 0:
		return bytesText(b.Memory) + " declared"
	case used > b.Memory:
		return cell{bytesText(b.Memory) + " declared, " + bytesText(used) + " used: more than declared", red}
	}
	return bytesText(b.Memory) + " declared, " + bytesText(used) + " used"
}

func (a *app) movedTable(k clock, moved []wire.Moved) {
	rows := make([]row, len(moved))
	for i, m := range moved {
		rows[i] = row{m.Attempt, m.From, m.To, k.at(m.At), m.Reason}
	}
	a.table([]string{"NOT STARTED", "TAKEN FROM", "GIVEN TO", k.header("AT"), "REASON"}, rows)
}

func (a *app) attemptTable(k clock, attempts []wire.Attempt) {
	rows := make([]row, len(attempts))
	for i, t := range attempts {
		code, outcome := "-", cell{"running", blue}
		if t.ExitCode != nil {
			code = strconv.Itoa(*t.ExitCode)
		}
		if t.Outcome != "" {
			outcome = cell{t.Outcome, finishColor(t.Outcome)}
		}
		processes := ""
		if t.PeakProcesses > 0 {
			processes = strconv.Itoa(t.PeakProcesses)
		}
		rows[i] = row{t.Attempt, t.Host, k.at(t.StartedAt), a.took(t.StartedAt, t.EndedAt), outcome, code, bytesText(t.PeakMemory), processes, t.Reason}
	}
	a.table([]string{"ATTEMPT", "HOST", k.header("STARTED"), "TOOK", "OUTCOME", "EXIT", "MEMORY", "PROCESSES", "REASON"}, rows)
}

func (a *app) dependTable(k clock, depends []wire.Depend) {
	rows := make([]row, len(depends))
	for i, d := range depends {
		since := ""
		if d.State == "unmet" {
			since = k.at(d.UnmetSince)
		}
		rows[i] = row{d.Kind, cell{d.State, dependColor(d.State)}, d.What, since, k.at(d.LastCheckedAt), d.LastError}
	}
	a.table([]string{"DEPENDENCY", "STATE", "ON", k.header("UNMET SINCE"), "CHECKED", "ERROR"}, rows)
}

func dependColor(state string) color {
	switch state {
	case "met":
		return green
	case "unmet":
		return red
	}
	return grey
}

func batchEventsCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "events BATCH", Short: "Show everything that happened to a batch", Args: arguments(1, 1),
		Example: "  capri batch events dwd_access_d/20150518",
		RunE: a.callRef(func(ctx context.Context, c *wire.Client, ref batch.Ref) error {
			list, err := c.Events(ctx, ref)
			if err != nil {
				return err
			}
			names := namesOf(list.Items, func(e wire.Event) string { return e.Move })
			return a.show(list, names, func() { a.eventTable(a.clock(ctx, c), list.Items) })
		}),
	}
}

func (a *app) eventTable(k clock, events []wire.Event) {
	rows := make([]row, len(events))
	for i, e := range events {
		rows[i] = row{e.Seq, k.fine(e.At), e.Move, dash(e.From) + " → " + e.To, e.Attempt, e.Actor, e.Detail}
	}
	a.table([]string{"SEQ", k.header("AT"), "MOVE", "STATE", "ATTEMPT", "ACTOR", "DETAIL"}, rows)
}

// bytesText writes a size in the unit people think in.
func bytesText(n int64) string {
	switch {
	case n == 0:
		return "-"
	case n < 1<<20:
		return strconv.FormatInt((n+1023)>>10, 10) + "Ki"
	case n < 1<<30:
		return strconv.FormatFloat(float64(n)/(1<<20), 'f', 0, 64) + "Mi"
	}
	return strconv.FormatFloat(float64(n)/(1<<30), 'f', 1, 64) + "Gi"
}
