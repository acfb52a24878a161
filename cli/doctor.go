package cli

import (
	"cmp"
	"context"
	"crypto/tls"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"capricornus/common/fault"
	"capricornus/common/wire"
)

// doctorPatience bounds one examination: what does not answer within it is
// what is wrong.
const doctorPatience = 10 * time.Second

// seenLately is how long after its last word a master counts as one that runs.
const seenLately = 30 * time.Second

// verdict is how something was found.
type verdict string

const (
	verdictOK   verdict = "ok"
	verdictWarn verdict = "warn"
	verdictFail verdict = "fail"
)

// finding is one thing that was looked at.
type finding struct {
	Group   string  `json:"group"`
	Check   string  `json:"check"`
	Verdict verdict `json:"verdict"`
	Text    string  `json:"text"`           // what was found
	Hint    string  `json:"hint,omitempty"` // what to do
}

func fine(check, format string, args ...any) finding {
	return finding{Check: check, Verdict: verdictOK, Text: fmt.Sprintf(format, args...)}
}

func worry(check, format string, args ...any) finding {
	return finding{Check: check, Verdict: verdictWarn, Text: fmt.Sprintf(format, args...)}
}

func failed(check, format string, args ...any) finding {
	return finding{Check: check, Verdict: verdictFail, Text: fmt.Sprintf(format, args...)}
}

// failedBy is what an error says, with its hint.
func failedBy(check string, err error) finding {
	f, ok := asFaultError(err)
	if !ok {
		return failed(check, "%s", err)
	}
	return failed(check, "%s", f.Message).todo("%s", f.Hint)
}

// todo says what to do about it.
func (f finding) todo(format string, args ...any) finding {
	f.Hint = fmt.Sprintf(format, args...)
	return f
}

// examination looks at one group of things.
type examination struct {
	group string
	look  func(ctx context.Context) []finding
}

// diagnosis is what `capri doctor` prints.
type diagnosis struct {
	Subject  string    `json:"subject"`
	OK       int       `json:"ok"`
	Warnings int       `json:"warnings"`
	Failures int       `json:"failures"`
	Findings []finding `json:"findings"`
}

// examine makes all examinations side by side, each for a bounded time.
func examine(ctx context.Context, subject string, all []examination) diagnosis {
	found := make([][]finding, len(all))
	var looking sync.WaitGroup
	for i, e := range all {
		looking.Go(func() {
			bounded, cancel := context.WithTimeout(ctx, doctorPatience)
			defer cancel()
			found[i] = e.look(bounded)
		})
	}
	looking.Wait()
	d := diagnosis{Subject: subject, Findings: []finding{}}
	for i, e := range all {
		for _, f := range found[i] {
			f.Group = e.group
			d.add(f)
		}
	}
	return d
}

func (d *diagnosis) add(f finding) {
	switch f.Verdict {
	case verdictOK:
		d.OK++
	case verdictWarn:
		d.Warnings++
	case verdictFail:
		d.Failures++
	}
	d.Findings = append(d.Findings, f)
}

func doctorCommand(a *app) *cobra.Command {
	d := &doctor{app: a}
	cmd := &cobra.Command{
		Use: "doctor [--config FILE]", Short: "Look for what is wrong with a master, a worker or the cluster", Args: arguments(0, 0),
		Long: `Looks at a master or a worker as its configuration FILE describes it, from the machine and
as the user it runs as: files, ports, disk, the other masters, clocks, the database, HDFS.
Without --config it asks a master about the cluster. It changes nothing; the speed of a
disk is measured with a small file that is deleted again.

Exit code 0 when nothing failed, warnings or not, and 1 when something did.`,
		Example: "  capri doctor --config /etc/capri/master.yaml\n  capri doctor -o json",
		RunE:    a.do(func(ctx context.Context, _ []string) error { return d.run(ctx) }),
	}
	cmd.Flags().StringVar(&d.file, "config", "", "configuration `FILE` of a master or a worker")
	cmd.Flags().StringVar(&d.kind, "kind", "", "what the configuration is of, `master|worker`; empty: its keys tell")
	return cmd
}

// doctor is one run of the command.
type doctor struct {
	app        *app
	file, kind string

	mu     sync.Mutex
	closes []func() // when everything was looked at
}

// after has something done when everything was looked at.
func (d *doctor) after(do func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closes = append(d.closes, do)
}

func (d *doctor) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, do := range d.closes {
		do()
	}
}

func (d *doctor) run(ctx context.Context) error {
	subject, all, err := d.prescribe()
	if err != nil {
		return err
	}
	defer d.close()
	return d.app.showDiagnosis(examine(ctx, subject, all))
}

// prescribe decides what to look at.
func (d *doctor) prescribe() (string, []examination, error) {
	switch {
	case d.kind != "" && d.file == "":
		return "", nil, fault.New(fault.Usage, "--kind says what a configuration is of: give --config FILE")
	case d.kind != "" && d.kind != kindMaster && d.kind != kindWorker:
		return "", nil, fault.New(fault.Usage, "--kind %q is not known: write master or worker", d.kind)
	case d.file == "":
		client, err := d.app.client()
		if err != nil {
			return "", nil, err
		}
		return "the cluster at " + client.Base, d.clusterExams(client), nil
	}
	kind, err := d.kindOf()
	if err == nil {
		err = d.app.trust("")
	}
	if err != nil {
		return "", nil, err
	}
	subject := kind + " of " + d.file
	if kind == kindWorker {
		return subject, d.workerExams(), nil
	}
	return subject, d.masterExams(), nil
}

// kindOf is told, or read from the configuration.
func (d *doctor) kindOf() (string, error) {
	if d.kind != "" {
		return d.kind, nil
	}
	text, err := os.ReadFile(d.file)
	if err != nil {
		return "", fileFault(fault.NotFound, err, d.file)
	}
	kind := configKind(text)
	if kind == "" {
		return "", fault.New(fault.Usage, "the keys of %s do not tell whether it is of a master or of a worker", d.file).WithHint("give --kind master or --kind worker")
	}
	return kind, nil
}

// person is a client for people's calls, when there is a token: --addr and
// CAPRI_ADDR win over the address that a configuration has, --ca and CAPRI_CA
// over whom it trusts.
func (d *doctor) person(address string, trust *tls.Config) (*wire.Client, bool) {
	if d.app.flags.addr != "" || d.app.env("CAPRI_ADDR") != "" {
		if found, err := d.app.destination(); err == nil {
			address = found.addresses[0]
		}
	}
	if address == "" {
		return nil, false
	}
	found, err := d.app.credential(target{addresses: []string{address}})
	if err != nil || found.token == "" {
		return nil, false
	}
	client := d.app.http
	if trust != nil && firstOf(d.app.flags.ca, d.app.env("CAPRI_CA")) == "" {
		client = wire.NewHTTP(trust)
	}
	return &wire.Client{Base: address, Token: found.token.Reveal(), HTTP: client}, true
}

func (a *app) showDiagnosis(d diagnosis) error {
	names := namesOf(d.Findings, func(f finding) string { return string(f.Verdict) + " " + f.Group + "/" + f.Check })
	if err := a.show(d, names, func() { a.diagnosisPicture(d) }); err != nil {
		return err
	}
	if d.Failures > 0 {
		return &outcome{code: exitFailed}
	}
	return nil
}

// diagnosisPicture prints a line for each finding under its group, and what to
// do about it below.
func (a *app) diagnosisPicture(d diagnosis) {
	width := 0
	for _, f := range d.Findings {
		width = max(width, len([]rune(f.Check)))
	}
	group := ""
	for _, f := range d.Findings {
		if f.Group != group {
			group = f.Group
			a.print("%s", a.paint(bold, group))
		}
		a.print("  %s  %-*s  %s", a.paint(verdictColor(f.Verdict), fmt.Sprintf("%-4s", f.Verdict)), width, f.Check, oneLine(f.Text))
		if f.Hint != "" {
			a.print("  %4s  %-*s  %s", "", width, "", a.paint(cyan, "→ "+oneLine(f.Hint)))
		}
	}
	a.print("%s", a.paint(verdictColor(d.worst()), fmt.Sprintf("%s: %d ok, %s, %s", oneLine(d.Subject), d.OK, plural(d.Warnings, "warning"), plural(d.Failures, "failure"))))
}

func (d *diagnosis) worst() verdict {
	switch {
	case d.Failures > 0:
		return verdictFail
	case d.Warnings > 0:
		return verdictWarn
	}
	return verdictOK
}

func verdictColor(v verdict) color {
	return map[verdict]color{verdictOK: green, verdictWarn: yellow, verdictFail: red}[cmp.Or(v, verdictOK)]
}
