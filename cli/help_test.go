package cli

import (
	"bytes"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// TestHelp keeps the help of every command as a golden file.
func TestHelp(t *testing.T) {
	root := newRoot(newApp(strings.NewReader(""), &bytes.Buffer{}, &bytes.Buffer{}))
	var walk func(cmd *cobra.Command)
	walk = func(cmd *cobra.Command) {
		args := append(strings.Fields(cmd.CommandPath())[1:], "--help")
		name := strings.ReplaceAll(cmd.CommandPath(), " ", "-")
		t.Run(name, func(t *testing.T) {
			got := nowhere(t).run(t, args...)
			if got.code != exitDone || got.err != "" {
				t.Errorf("got %d, %q, want help on stdout and %d", got.code, got.err, exitDone)
			}
			golden(t, "help/"+name, got.out)
		})
		for _, child := range cmd.Commands() {
			walk(child)
		}
	}
	walk(root)
}

func TestNoArgumentsIsHelp(t *testing.T) {
	got := nowhere(t).run(t)
	if got.code != exitDone || !strings.Contains(got.out, "capri dev") {
		t.Errorf("got %d, %q, want help and %d", got.code, got.out, exitDone)
	}
}

func TestCompletionIsAScript(t *testing.T) {
	got := nowhere(t).run(t, "completion", "bash")
	if got.code != exitDone || !strings.Contains(got.out, "complete ") {
		t.Errorf("got %d and %d bytes, want a script", got.code, len(got.out))
	}
	got = nowhere(t).run(t, "__complete", "task", "list", "-o", "")
	if !strings.Contains(got.out, "json") {
		t.Errorf("got %q, want the formats", got.out)
	}
}

func TestUsageErrors(t *testing.T) {
	cases := map[string]struct{ args, want string }{
		"AnUnknownCommandGetsASuggestion":   {"tsk", "did you mean task?"},
		"AnUnknownVerbGetsASuggestion":      {"batch sow", "did you mean show?"},
		"AVerbThatIsNothingListsTheVerbs":   {"service frobnicate", "there are: list, run"},
		"ANounAloneListsItsVerbs":           {"third", "there are: put"},
		"AnUnknownFlagIsNamed":              {"task list --wrong", "unknown flag: --wrong"},
		"AnUnknownFormatListsTheFormats":    {"task list -o xml", "table, json, yaml, name"},
		"AMissingArgumentShowsTheForm":      {"batch why", "usage: capri batch why BATCH"},
		"AnArgumentTooManyShowsTheForm":     {"task list all", `takes no argument, and got "all"`},
		"ABatchIsTaskAndNumber":             {"batch why 20150518", "write task/workNo or task/workNo.run"},
		"ABatchToWaitForIsTaskAndNumber":    {"batch wait a/b", "the work number \"b\" must be digits only"},
		"AnOperationIsANumber":              {"op show seven --addr http://127.0.0.1:1", "is not the id of an operation"},
		"AnAddressIsAURL":                   {"host list --addr http://m1:8080/console", "write http://host:port"},
		"ALimitIsPositive":                  {"batch list --limit 0 --addr http://127.0.0.1:1", "--limit 0 is too small"},
		"ALimitOfOperationsIsPositive":      {"op list --limit 0 --addr http://127.0.0.1:1", "--limit 0 is too small"},
		"ApplyWantsFiles":                   {"task apply --addr http://127.0.0.1:1", "capri task apply -f FILE|DIR…"},
		"AnAttemptCountsFromOne":            {"batch logs a/1 --attempt -1 --addr http://127.0.0.1:1", "count from 1"},
		"ALogLevelIsOneOfFour":              {"worker --log-level loud", "write debug, info, warn or error"},
		"AKeeperWantsARoot":                 {"keeper", "--root is wanted"},
		"AZoneIsForFiles":                   {"task render dwd_access_d 20150518 --timezone UTC", "--timezone is for files"},
		"AColdStartWantsARange":             {"coldstart --period day", "--period and --range are both wanted"},
		"AColdStartHasOneChoiceOfTasks":     {"coldstart --period day --range 20150518..20150519 --tasks a --project b", "exclude each other"},
		"AColdStartWithNobodyToAskNeedsYes": {"coldstart --period day --range 20150518..20150519", "give --yes"},
		"AModeIsAllOrMissing":               {"coldstart --period day --range 20150518..20150519 --mode some", "write all or missing"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got := nowhere(t).run(t, strings.Fields(c.args)...)
			if got.code != exitUsage || !strings.Contains(got.err, c.want) || got.out != "" {
				t.Errorf("got %d, %q, %q, want %d, %q on stderr and nothing on stdout", got.code, got.err, got.out, exitUsage, c.want)
			}
		})
	}
}

func TestRangesAreWorkNumbers(t *testing.T) {
	cases := map[string]struct{ period, span, want string }{
		"DashesAreNotDigits":       {"day", "2015-05-18..2015-05-21", "write yyyyMMdd twice, for example 20150518..20150521"},
		"OneNumberIsNoRange":       {"day", "20150518", "is not a range of day work numbers"},
		"AnHourHasTenDigits":       {"hour", "20150518..20150519", "for example 2015051711..2015052022"},
		"AMonthHasSixDigits":       {"month", "20150518..20150519", "for example 201505..201507"},
		"ACronNumberHasSeconds":    {"cron", "201505180000..201505180100", "yyyyMMddHHmmss"},
		"ADayMustExist":            {"day", "20150218..20150230", "20150230"},
		"AWeekBeginsOnMonday":      {"week", "20150519..20150601", "20150519"},
		"ARangeGoesForward":        {"day", "20150521..20150518", "write 20150518..20150521"},
		"ManualTasksHaveNone":      {"manual", "1..2", "capri task run TASK"},
		"APeriodIsOneOfTheKnown":   {"daily", "20150518..20150521", `period "daily" is unknown`},
		"MoreThanTwoNumbersIsNone": {"day", "20150518..20150519..20150520", "is not a range"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got := nowhere(t).run(t, "coldstart", "--yes", "--period", c.period, "--range", c.span)
			if got.code != exitUsage || !strings.Contains(got.err, c.want) {
				t.Errorf("got %d, %q, want %d, %q", got.code, got.err, exitUsage, c.want)
			}
		})
	}
	for periodName, span := range map[string]string{
		"hour": "2015051711..2015052022", "day": "20150518..20150521", "week": "20150518..20150601",
		"month": "201505..201507", "cron": "20150518000000..20150518235959",
	} {
		if from, to, err := parseRange(periodName, span); err != nil || from+".."+to != span {
			t.Errorf("%s %s: got %s..%s, %v, want the range", periodName, span, from, to, err)
		}
	}
}
