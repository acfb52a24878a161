package cli

import (
	"context"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"capricornus/common/fault"
	"capricornus/common/wire"
)

func reportCommand(a *app) *cobra.Command {
	return group("report", "How an hour or a day has gone; who gets that by mail",
		reportShowCommand(a, wire.ReportHourly), reportShowCommand(a, wire.ReportDaily), reportListCommand(a),
		reportReadersCommand(a), reportSubscribeCommand(a), reportUnsubscribeCommand(a))
}

// reportShowCommand is hourly or daily.
func reportShowCommand(a *app, kind string) *cobra.Command {
	var at, form, lang string
	cmd := &cobra.Command{
		Use: kind, Args: arguments(0, 0),
		Short: "Show how an hour has gone",
		Long: `Shows the report of the hour that ended last, or with --at of the one that had ended by
then: first what fits a screen, then the details. An hour that nobody has made a report of
is reported on now; what waits and runs is then as of now.`,
		Example: "  capri report hourly\n  capri report hourly --at 2026-11-20T08:00 --lang zh\n  capri report hourly --format html >report.html",
		RunE: a.call(func(ctx context.Context, c *wire.Client, _ []string) error {
			return a.report(ctx, c, wire.ReportQuery{Kind: kind, At: at, Lang: a.language(lang)}, form)
		}),
	}
	if kind == wire.ReportDaily {
		cmd.Short = "Show how a day has gone"
		cmd.Long = `Shows the report of yesterday, or with --at of the day before that one: besides what an
hourly report has, how departments kept their deadlines, runs that took long, and expected
durations that were corrected.`
		cmd.Example = "  capri report daily\n  capri report daily --at 2026-11-20"
	}
	flags := cmd.Flags()
	flags.StringVar(&at, "at", "", "of the last one that had ended at `TIME`: 2026-11-20, 2026-11-20T08:00")
	flags.StringVar(&form, "format", "text", "`text|html|json`")
	flags.StringVar(&lang, "lang", "", "`en|zh`: the language of text and html")
	return cmd
}

// report prints a report in a form; with -o json and yaml it is data, whatever
// the form.
func (a *app) report(ctx context.Context, c *wire.Client, query wire.ReportQuery, form string) error {
	switch {
	case form != "text" && form != "html" && form != "json":
		return fault.New(fault.Usage, "--format %q is unknown: write text, html or json", form)
	case form == "json" || a.flags.output != formatTable:
		report, err := c.Report(ctx, query)
		if err != nil {
			return err
		}
		if form == "json" && a.flags.output == formatTable {
			return a.showJSON(report)
		}
		return a.show(report, []string{strconv.FormatInt(report.At, 10)}, nil)
	}
	text, err := c.ReportPage(ctx, query, form)
	if err != nil {
		return err
	}
	if form == "html" {
		_, err := a.out.Write(text)
		return err
	}
	for line := range strings.Lines(string(text)) {
		a.print("%s", printable(strings.TrimRight(line, "\n")))
	}
	return nil
}

func reportListCommand(a *app) *cobra.Command {
	kind, lang, limit := wire.ReportHourly, "", 0
	cmd := &cobra.Command{
		Use: "list [hourly|daily]", Short: "List the reports that are kept, newest first", Args: arguments(0, 1),
		Example: "  capri report list\n  capri report list daily --limit 7",
		RunE: a.call(func(ctx context.Context, c *wire.Client, args []string) error {
			if len(args) > 0 {
				kind = args[0]
			}
			if err := knownReport(kind); err != nil {
				return err
			}
			if limit < 1 {
				return fault.New(fault.Usage, "--limit %d is too small: write 1 or more", limit)
			}
			list := wire.ReportList{Items: []wire.StoredReport{}}
			for {
				page, err := c.Reports(ctx, kind, a.language(lang), list.Next, nextPage(limit, len(list.Items)))
				if err != nil {
					return err
				}
				list.Items, list.Next = append(list.Items, page.Items...), page.Next
				if page.Next == "" || len(page.Items) == 0 || len(list.Items) >= limit {
					break
				}
			}
			names := namesOf(list.Items, func(r wire.StoredReport) string { return strconv.FormatInt(r.At, 10) })
			err := a.show(list, names, func() { a.storedTable(a.clock(ctx, c), list.Items) })
			a.moreThan(list.Next, len(list.Items))
			return err
		}),
	}
	cmd.Flags().IntVar(&limit, "limit", 24, "at most `N`")
	cmd.Flags().StringVar(&lang, "lang", "", "`en|zh`: the language of the headlines")
	return cmd
}

func (a *app) storedTable(k clock, reports []wire.StoredReport) {
	rows := make([]row, len(reports))
	for i, r := range reports {
		state := cell{"look at it", yellow}
		if r.Green {
			state = cell{"ok", green}
		}
		sent := ""
		if r.SentAt > 0 {
			sent = k.at(r.SentAt)
		}
		rows[i] = row{r.Kind, k.at(r.At), state, k.at(r.MadeAt), sent, r.Headline}
	}
	a.table([]string{"KIND", k.header("UNTIL"), "STATE", k.header("MADE"), k.header("SENT"), "HEADLINE"}, rows)
}

func reportReadersCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "readers hourly|daily", Short: "List who gets a report by mail", Args: arguments(1, 1),
		Example: "  capri report readers hourly",
		RunE: a.call(func(ctx context.Context, c *wire.Client, args []string) error {
			if err := knownReport(args[0]); err != nil {
				return err
			}
			list, err := c.ReportReaders(ctx, args[0])
			if err != nil {
				return err
			}
			names := namesOf(list.Items, func(r wire.ReportReader) string { return r.User })
			return a.show(list, names, func() {
				k := a.clock(ctx, c)
				rows := make([]row, len(list.Items))
				for i, r := range list.Items {
					var mail any = "yes"
					if !r.HasMail {
						mail = cell{"no address", yellow}
					}
					rows[i] = row{r.User, r.Always, mail, k.at(r.ChangedAt)}
				}
				a.table([]string{"USER", "ALWAYS", "MAIL", k.header("SINCE")}, rows)
			})
		}),
	}
}

func reportSubscribeCommand(a *app) *cobra.Command {
	var request wire.ReportReaderRequest
	user := wire.Myself
	cmd := &cobra.Command{
		Use: "subscribe hourly|daily", Short: "Get a report by mail", Args: arguments(1, 1),
		Long: `Has a report sent to your address. The hourly one comes when something is wrong, and at
08:00 and 20:00; with --always it comes every hour. The daily one comes every day.
Who manages users may have it sent to others with --user.`,
		Example: "  capri report subscribe hourly\n  capri report subscribe hourly --always\n  capri report subscribe daily --user lilei",
		RunE: a.call(func(ctx context.Context, c *wire.Client, args []string) error {
			if err := knownReport(args[0]); err != nil {
				return err
			}
			reply, err := c.ReadReport(ctx, args[0], user, request)
			if err != nil {
				return err
			}
			return a.show(reply, []string{reply.Kind}, func() {
				when := ", when something is wrong and at 08:00 and 20:00"
				if reply.Always || reply.Kind == wire.ReportDaily {
					when = ", every one"
				}
				if !reply.Changed {
					a.say("%s gets the %s report already%s; nothing was done", reply.User, reply.Kind, when)
				} else {
					a.say("%s gets the %s report by mail from now on%s", reply.User, reply.Kind, when)
				}
				if !reply.HasMail {
					a.say("  but there is no address to send it to: capri user set %s --mail ADDRESS", reply.User)
				}
			})
		}),
	}
	cmd.Flags().BoolVar(&request.Always, "always", false, "also when nothing is wrong")
	readerFlag(cmd, &user)
	return cmd
}

// readerFlag is whom a report is sent to.
func readerFlag(cmd *cobra.Command, user *string) {
	cmd.Flags().StringVar(user, "user", wire.Myself, "`NAME` of somebody else, for who manages users")
	cmd.Flags().Lookup("user").DefValue = "" // which is you
}

func reportUnsubscribeCommand(a *app) *cobra.Command {
	user := wire.Myself
	cmd := &cobra.Command{
		Use: "unsubscribe hourly|daily", Short: "Get a report by mail no more", Args: arguments(1, 1),
		Example: "  capri report unsubscribe hourly\n  capri report unsubscribe daily --user lilei",
		RunE: a.call(func(ctx context.Context, c *wire.Client, args []string) error {
			if err := knownReport(args[0]); err != nil {
				return err
			}
			reply, err := c.LeaveReport(ctx, args[0], user)
			if err != nil {
				return err
			}
			return a.show(reply, []string{reply.Kind}, func() {
				if !reply.Changed {
					a.say("%s does not get the %s report; nothing was done", reply.User, reply.Kind)
					return
				}
				a.say("%s gets the %s report no more", reply.User, reply.Kind)
			})
		}),
	}
	readerFlag(cmd, &user)
	return cmd
}

func knownReport(kind string) error {
	if kind == wire.ReportHourly || kind == wire.ReportDaily {
		return nil
	}
	return fault.New(fault.Usage, "there is no report %q: write hourly or daily", kind)
}
