package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"capricornus/common/fault"
	"capricornus/common/wire"
)

// grade is how bad something is; its number is the exit code that monitoring
// systems of the Nagios kind know it by.
type grade int

const (
	gradeOK grade = iota
	gradeWarning
	gradeCritical
	gradeUnknown
)

// String returns the word that stands first in the line such systems show.
func (g grade) String() string { return [...]string{"OK", "WARNING", "CRITICAL", "UNKNOWN"}[g] }

// checkup is what a check came to.
type checkup struct {
	Check    string   `json:"check"`
	Status   string   `json:"status"` // OK | WARNING | CRITICAL | UNKNOWN
	Summary  string   `json:"summary"`
	Details  []string `json:"details,omitempty"`
	Measured string   `json:"measured,omitempty"` // as Nagios reads figures: age=12s;300;600
	grade    grade
}

// worse adds a line, and raises the grade to that line's.
func (r *checkup) worse(g grade, format string, args ...any) {
	r.grade = max(r.grade, g)
	if g > gradeOK {
		r.Details = append(r.Details, g.String()+" "+fmt.Sprintf(format, args...))
	}
}

// checking is a check as it was asked for.
type checking struct {
	app    *app
	name   string
	nagios bool
}

func checkCommand(a *app) *cobra.Command {
	cmd := group("check", "Ask for one verdict, for monitoring systems",
		checkPlatformCommand(a), checkGenerationCommand(a), checkDependenciesCommand(a))
	cmd.Long = `Each check prints one line, then what it found. Exit code 0 when all is well and 1 when it is
not. With --nagios the exit codes are those of Nagios and its kind: 0 OK, 1 WARNING,
2 CRITICAL, 3 UNKNOWN, which is also what a check ends with that could not be made.`
	return cmd
}

// run makes a check and ends with its grade.
func (k *checking) run(look func(ctx context.Context, c *wire.Client, r *checkup) error) func(*cobra.Command, []string) error {
	a := k.app
	return a.do(func(ctx context.Context, _ []string) error {
		r := checkup{Check: k.name}
		c, err := a.client()
		if err == nil {
			err = look(ctx, c, &r)
		}
		if err != nil && !k.nagios {
			return err
		}
		if err != nil {
			r = k.unmade(err)
		}
		r.Status = r.grade.String()
		if err := a.show(r, []string{r.Status}, func() { a.checkPicture(r) }); err != nil {
			return err
		}
		return k.verdict(r)
	})
}

// unmade is a check that could not be made. That no master answers is what the
// check of the platform looks for.
func (k *checking) unmade(err error) checkup {
	g := gradeUnknown
	if k.name == "platform" && exitCode(err) == exitNoMaster {
		g = gradeCritical
	}
	return checkup{Check: k.name, Summary: oneLine(err.Error()), grade: g}
}

func (a *app) checkPicture(r checkup) {
	line := strings.ToUpper(r.Check) + " " + r.Status + " - " + oneLine(r.Summary)
	if r.Measured != "" {
		line += " | " + r.Measured
	}
	a.print("%s", line)
	for _, detail := range r.Details {
		a.print("%s", oneLine(detail))
	}
}

func (k *checking) verdict(r checkup) error {
	switch {
	case r.grade == gradeOK:
		return nil
	case k.nagios:
		return &outcome{code: int(r.grade)}
	}
	return &outcome{code: exitFailed}
}

func (k *checking) flags(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&k.nagios, "nagios", false, "end with 0, 1, 2 or 3 as Nagios reads it")
}

func checkDependenciesCommand(a *app) *cobra.Command {
	k := checking{app: a, name: "dependencies"}
	var warning, critical time.Duration
	cmd := &cobra.Command{
		Use: "dependencies", Short: "How long ago dependencies were last looked at", Args: arguments(0, 0),
		Example: "  capri check dependencies --nagios --warning 5m --critical 10m",
		RunE: k.run(func(ctx context.Context, c *wire.Client, r *checkup) error {
			cluster, err := c.Cluster(ctx)
			if err != nil {
				return err
			}
			checkDependencies(r, cluster, clusterNow(cluster, a.now()), warning, critical)
			return nil
		}),
	}
	cmd.Flags().DurationVar(&warning, "warning", 5*time.Minute, "a `TIME` that is too long")
	cmd.Flags().DurationVar(&critical, "critical", 10*time.Minute, "a `TIME` that is far too long")
	k.flags(cmd)
	return cmd
}

// dependService is the duty that looks at dependencies.
const dependService = "depend"

func checkDependencies(r *checkup, c wire.Cluster, now int64, warning, critical time.Duration) {
	for _, s := range c.Services {
		if s.Name != dependService {
			continue
		}
		last := s.SucceededAt
		if last == 0 {
			last = c.Since
		}
		age := time.Duration(max(0, now-last)) * time.Millisecond
		r.Summary = "dependencies were looked at " + span(age) + " ago" + because(s.Error)
		if s.SucceededAt == 0 {
			r.Summary = "dependencies have not been looked at since this term began, " + span(age) + " ago" + because(s.Error)
		}
		r.Measured = fmt.Sprintf("age=%ds;%d;%d", int(age.Seconds()), int(warning.Seconds()), int(critical.Seconds()))
		switch {
		case age > critical:
			r.grade = gradeCritical
		case age > warning:
			r.grade = gradeWarning
		}
		return
	}
	r.Summary, r.grade = "no master has ever looked at dependencies", gradeCritical
}

func checkGenerationCommand(a *app) *cobra.Command {
	k := checking{app: a, name: "generation"}
	var warning, critical int
	var project, from string
	cmd := &cobra.Command{
		Use: "generation", Short: "Whether batches are missing that should be there", Args: arguments(0, 0),
		Example: "  capri check generation --nagios --project weblog",
		RunE: k.run(func(ctx context.Context, c *wire.Client, r *checkup) error {
			if warning < 0 || critical < warning {
				return fault.New(fault.Usage, "--warning %d and --critical %d: write the smaller number first, 0 or more", warning, critical)
			}
			list, err := c.MissingBatches(ctx, from, "", project)
			if err != nil {
				return err
			}
			checkGeneration(r, list, warning, critical)
			return nil
		}),
	}
	cmd.Flags().IntVar(&warning, "warning", 0, "more than `N` missing are too many")
	cmd.Flags().IntVar(&critical, "critical", 10, "more than `N` missing are far too many")
	cmd.Flags().StringVar(&project, "project", "", "only those of this `PROJECT`")
	cmd.Flags().StringVar(&from, "from", "", "due after `TIME`: 2026-11-20, 2026-11-20T08:00; else a day ago")
	k.flags(cmd)
	return cmd
}

// namedMissing is how many missing batches are named.
const namedMissing = 10

func checkGeneration(r *checkup, list wire.MissingList, warning, critical int) {
	n := len(list.Items)
	more := ""
	if list.More {
		more = " or more"
	}
	r.Measured = fmt.Sprintf("missing=%d;%d;%d", n, warning, critical)
	if n == 0 {
		r.Summary = "no batch is missing"
		return
	}
	r.Summary = plural(n, "batch") + more + " missing; capri batch missing says why"
	switch {
	case n > critical:
		r.grade = gradeCritical
	case n > warning:
		r.grade = gradeWarning
	}
	for i, m := range list.Items {
		if i == namedMissing {
			r.Details = append(r.Details, fmt.Sprintf("… and %d more", n-i))
			return
		}
		r.Details = append(r.Details, m.Batch+": "+m.Reason)
	}
}
