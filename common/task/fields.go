package task

import (
	"time"

	"capricornus/common/period"
)

// The words of the format, shared by the decoder, lint and the schema's test.
func periodWords() []string  { return []string{"hour", "day", "week", "month", "cron", "manual"} }
func policyWords() []string  { return []string{"health-first", "random", "round-robin"} }
func readyWords() []string   { return []string{"_SUCCESS", "exists", "non-empty"} }
func windowWords() []string  { return []string{"hours", "days"} }
func successWords() []string { return []string{"exit-code", "output-path"} }
func silenceWords() []string { return []string{"wait", "pass", "alert"} }
func lostWords() []string    { return []string{"wait", "fence"} }
func typeWords() []string    { return []string{"shell", "python", "http", "exec"} }

// defaults is a task in which everything that was not written holds.
func defaults() *Task {
	return &Task{
		APIVersion: APIVersion, Kind: KindTask,
		Spec: Spec{
			Enabled: true, Priority: 5, MaxRunning: 1, Success: "exit-code", OnWorkerLost: "wait",
			Workers: Workers{Group: "default", Policy: "health-first"},
			Quality: Quality{OnSilence: "wait", After: Duration(30 * time.Minute)},
			Retry:   Retry{Times: 3, Interval: Duration(30 * time.Second), Backoff: 2},
			Run:     Run{Type: "shell"},
			Alerts:  Alerts{Default: true},
		},
	}
}

func (d decoder) document(apiVersion, kind *string, rest ...field) []field {
	return append([]field{
		{"apiVersion", true, d.oneOf(apiVersion, []string{APIVersion})},
		{"kind", true, d.text(kind)},
	}, rest...)
}

func (d decoder) project(n *node) *Project {
	p := &Project{APIVersion: APIVersion, Kind: KindProject}
	m := &p.Metadata
	d.fields(n, "", d.document(&p.APIVersion, &p.Kind, field{"metadata", true, func(n *node, where string) {
		d.fields(n, where, []field{
			{"name", true, d.text(&m.Name)},
			{"title", false, d.text(&m.Title)},
			{"department", false, d.text(&m.Department)},
			{"owner", false, d.text(&m.Owner)},
		})
	}}))
	return p
}

func (d decoder) task(n *node) *Task {
	t := defaults()
	m := &t.Metadata
	d.fields(n, "", d.document(&t.APIVersion, &t.Kind,
		field{"metadata", true, func(n *node, where string) {
			d.fields(n, where, []field{
				{"name", true, d.text(&m.Name)},
				{"title", false, d.text(&m.Title)},
				{"project", true, d.text(&m.Project)},
				{"owner", true, d.text(&m.Owner)},
				{"labels", false, d.textMap(&m.Labels)},
			})
		}},
		field{"spec", true, func(n *node, where string) { d.spec(&t.Spec, n, where) }},
	))
	return t
}

func (d decoder) spec(s *Spec, n *node, where string) {
	// Clock times need the period, wherever in the file it stands.
	kind, known := periodOf(n)
	offset := func(to *Offset) reader { return d.offset(to, kind, known) }
	d.fields(n, where, []field{
		{"period", true, d.oneOf(&s.Period, periodWords())},
		{"cron", false, d.text(&s.Cron)},
		{"calendar", false, d.text(&s.Calendar)},
		{"enabled", false, d.flag(&s.Enabled)},
		{"valid", false, func(n *node, where string) {
			d.fields(n, where, []field{{"from", false, d.text(&s.Valid.From)}, {"to", false, d.text(&s.Valid.To)}})
		}},
		{"priority", false, d.integer(&s.Priority)},
		{"earliest", false, offset(&s.Earliest)},
		{"maxRunning", false, d.integer(&s.MaxRunning)},
		{"account", false, d.text(&s.Account)},
		{"workers", false, d.workers(&s.Workers)},
		{"inputs", false, d.inputs(&s.Inputs)},
		{"thirdParties", false, d.thirdParties(&s.ThirdParties)},
		{"parents", false, d.parents(&s.Parents)},
		{"outputs", false, d.outputs(&s.Outputs)},
		{"success", false, d.oneOf(&s.Success, successWords())},
		{"quality", false, d.quality(&s.Quality)},
		{"retry", false, d.retry(&s.Retry)},
		{"timeouts", false, func(n *node, where string) {
			d.fields(n, where, []field{
				{"depend", false, offset(&s.Timeouts.Depend)},
				{"output", false, offset(&s.Timeouts.Output)},
				{"run", false, parsed(d, &s.Timeouts.Run, ParseDuration)},
			})
		}},
		{"onWorkerLost", false, d.oneOf(&s.OnWorkerLost, lostWords())},
		{"expectSeconds", false, d.integer(&s.ExpectSecs)},
		{"env", false, d.textMap(&s.Env)},
		{"program", false, d.text(&s.Program)},
		{"run", true, d.run(&s.Run)},
		{"alerts", false, d.alerts(&s.Alerts)},
	})
}

func periodOf(n *node) (kind period.Kind, known bool) {
	if n = n.child("period"); n == nil {
		return kind, false
	}
	kind, err := period.ParseKind(n.text)
	return kind, err == nil
}

// offset reads minutes or a clock time. With an unknown period, which has its
// own finding, nothing is said about clock times.
func (d decoder) offset(to *Offset, kind period.Kind, known bool) reader {
	return func(n *node, where string) {
		switch {
		case n.shape == shapeInteger:
			parsed(d, to, minutesOffset)(n, where)
		case n.shape != shapeText:
			d.errorf(n.line, CodeWrongType, "%s must be a clock time in quotes, for example \"02:00\", or minutes after the base time, not %s", where, n.said())
		case known:
			parsed(d, to, func(text string) (Offset, error) { return clockOffset(kind, text) })(n, where)
		}
	}
}

func (d decoder) workers(w *Workers) reader {
	return func(n *node, where string) {
		d.fields(n, where, []field{
			{"group", false, d.text(&w.Group)},
			{"labels", false, d.textMap(&w.Labels)},
			{"memory", false, parsed(d, &w.Memory, ParseBytes)},
			{"policy", false, d.oneOf(&w.Policy, policyWords())},
		})
	}
}

func (d decoder) inputs(to *[]Input) reader {
	return d.list(func(n *node, where string) {
		in := Input{Ready: "_SUCCESS"}
		d.fields(n, where, []field{
			{"path", true, d.text(&in.Path)},
			{"ready", false, d.oneOf(&in.Ready, readyWords())},
			{"window", false, d.oneOf(&in.Window, windowWords())},
		})
		*to = append(*to, in)
	})
}

func (d decoder) outputs(to *[]Output) reader {
	return d.list(func(n *node, where string) {
		out := Output{Ready: "_SUCCESS"}
		d.fields(n, where, []field{
			{"path", true, d.text(&out.Path)},
			{"ready", false, d.oneOf(&out.Ready, readyWords())},
		})
		*to = append(*to, out)
	})
}

func (d decoder) thirdParties(to *[]ThirdParty) reader {
	return d.list(func(n *node, where string) {
		var t ThirdParty
		d.fields(n, where, []field{{"code", true, d.text(&t.Code)}, {"key", true, d.text(&t.Key)}})
		*to = append(*to, t)
	})
}

func (d decoder) parents(to *[]Parent) reader {
	return d.list(func(n *node, where string) {
		var p Parent
		d.fields(n, where, []field{
			{"task", true, d.text(&p.Task)},
			{"offset", false, func(n *node, where string) {
				p.Offset = new(int)
				d.integer(p.Offset)(n, where)
			}},
			{"range", false, d.span(&p.Range)},
			{"last", false, d.flag(&p.Last)},
		})
		*to = append(*to, p)
	})
}

// span reads a range of two whole numbers.
func (d decoder) span(to **[2]int) reader {
	return func(n *node, where string) {
		if n.shape != shapeList || len(n.items) != 2 {
			d.errorf(n.line, CodeWrongType, "%s must be a list of two whole numbers, for example [-7, -1]", where)
			return
		}
		var both []int
		d.integers(&both)(n, where)
		*to = &[2]int{both[0], both[1]}
	}
}

func (d decoder) quality(q *Quality) reader {
	return func(n *node, where string) {
		d.fields(n, where, []field{
			{"enabled", false, d.flag(&q.Enabled)},
			{"onSilence", false, d.oneOf(&q.OnSilence, silenceWords())},
			{"after", false, parsed(d, &q.After, ParseDuration)},
		})
	}
}

func (d decoder) retry(r *Retry) reader {
	return func(n *node, where string) {
		d.fields(n, where, []field{
			{"times", false, d.integer(&r.Times)},
			{"interval", false, parsed(d, &r.Interval, ParseDuration)},
			{"backoff", false, d.decimal(&r.Backoff)},
			{"exitCodes", false, d.integers(&r.ExitCodes)},
		})
	}
}

func (d decoder) run(r *Run) reader {
	return func(n *node, where string) {
		d.fields(n, where, []field{
			{"type", false, d.oneOf(&r.Type, typeWords())},
			{"script", false, d.text(&r.Script)},
			{"command", false, d.texts(&r.Command)},
			{"http", false, d.http(&r.HTTP)},
		})
	}
}

func (d decoder) alerts(a *Alerts) reader {
	return func(n *node, where string) {
		d.fields(n, where, []field{
			{"default", false, d.flag(&a.Default)},
			{"ownerOnly", false, d.flag(&a.OwnerOnly)},
			{"phone", false, func(n *node, where string) {
				d.fields(n, where, []field{{"enabled", false, d.flag(&a.Phone.Enabled)}, {"to", false, d.texts(&a.Phone.To)}})
			}},
			{"sms", false, d.texts(&a.SMS)},
			{"mail", false, d.texts(&a.Mail)},
		})
	}
}
