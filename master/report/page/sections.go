package page

import (
	"strconv"
	"strings"
	"time"

	"capricornus/common/wire"
)

// reasonRunes is how much is shown of a reason: more is in the log.
const reasonRunes = 120

// sections are the parts of a report, what is worst first; those that have
// nothing to say are short.
func (t tongue) sections(r *wire.Report) []section {
	all := []section{t.failures(r), t.waits(r)}
	if r.Kind == wire.ReportDaily {
		all = append(all, t.departments(r), t.bigTasks(r), t.growth(r))
	}
	all = append(all, t.services(r), t.fleet(r), t.alerts(r), t.forecast(r), t.changes(r))
	return all
}

// joined puts a dot between what is not empty.
func joined(parts ...string) string {
	var out []string
	for _, p := range parts {
		if p != "" {
			out = append(out, p)
		}
	}
	return strings.Join(out, " · ")
}

func (t tongue) failures(r *wire.Report) section {
	s := section{Title: t.say(of("Failures", "失败")), Summary: t.say(of("none", "无")), Tone: good}
	total := len(r.Failures) + r.Unlisted
	if len(r.FirstGone) > 0 {
		s.Rows = append(s.Rows, row{
			Lead: strings.Join(r.FirstGone, t.say(of(", ", "、"))), Tag: t.say(of("missing", "缺批")), Tone: bad,
			Note:   t.say(of("should be there and are not; capri batch missing says why", "应有而未生成；原因见 capri batch missing")),
			Figure: strconv.FormatInt(figure(r, wire.ScoreMissing), 10), Unit: t.say(of("missing", "个缺批")),
		})
	}
	for _, f := range r.Failures {
		cause := t.named(causeWords(), f.Cause)
		if f.Cause == wire.CauseExitCode {
			cause += " " + strconv.Itoa(f.ExitCode)
		}
		impact := strconv.Itoa(f.Impact)
		if f.Cut {
			impact += "+"
		}
		s.Rows = append(s.Rows, row{
			Lead: f.Batch, Tag: cause, Tone: bad, Figure: impact, Unit: t.say(of("wait", "个下游")),
			Note: joined(f.Title, clip(f.Reason, reasonRunes), owner(f.Owner, f.Department), f.Host, t.clock(f.EndedAt)),
		})
	}
	if r.Unlisted > 0 {
		s.More = t.say(of("%d more failed", "另有 %d 个失败"), r.Unlisted)
	}
	if total > 0 {
		f := r.Failures[0]
		s.Tone, s.Summary = bad, t.say(of("%d; %s: %s, %d wait for it", "%d 个；%s：%s，影响下游 %d"), total, f.Batch, t.named(causeWords(), f.Cause), f.Impact)
	} else if len(s.Rows) > 0 {
		s.Tone, s.Summary = bad, t.say(of("none, but %d missing", "无，但缺批 %d"), figure(r, wire.ScoreMissing))
	}
	return s
}

func owner(name, department string) string {
	if department == "" {
		return name
	}
	return name + " (" + department + ")"
}

func (t tongue) waits(r *wire.Report) section {
	s := section{Title: t.say(of("Longest waits", "最长等待")), Summary: t.say(of("nothing waits", "无等待")), Tone: good}
	for _, w := range r.Waits {
		why := w.Why.En
		if t.zh {
			why = w.Why.Zh
		}
		s.Rows = append(s.Rows, row{
			Lead: w.Batch, Note: joined(w.Title, why, w.Owner), Tone: plain,
			Figure: t.millis(r.MadeAt - w.Since), Unit: t.say(of("since %s", "自 %s"), t.when(w.Since)),
		})
	}
	if len(r.Waits) > 0 {
		w := r.Waits[0]
		s.Tone, s.Summary = plain, t.millis(r.MadeAt-w.Since)+" "+w.Batch
		if w.Root != "" && w.Root != w.Batch {
			s.Summary += t.say(of(", for %s", "，因 %s"), w.Root)
		}
	}
	return s
}

func (t tongue) departments(r *wire.Report) section {
	s := section{Title: t.say(of("Departments", "部门及时率")), Summary: t.say(of("no batches", "无批次"))}
	late := 0
	for _, d := range r.Departments {
		late += d.DependLate + d.OutputLate
		on := 1000
		if d.Batches > 0 {
			on = max(0, (d.Batches-d.DependLate-d.OutputLate-d.Failed)*1000/d.Batches)
		}
		tone := plain
		if on < 1000 {
			tone = warn
		}
		name := d.Department
		if name == "" {
			name = t.say(of("(no department)", "（无部门）"))
		}
		s.Rows = append(s.Rows, row{
			Lead: name, Figure: share(on), Unit: t.say(of("in time", "及时")), Tone: tone,
			Note: t.say(of("%d batches · %d failed · inputs late %d · output late %d", "批次 %d · 失败 %d · 依赖超时 %d · 产出超时 %d"), d.Batches, d.Failed, d.DependLate, d.OutputLate),
		})
	}
	if len(r.Departments) > 0 {
		s.Summary = t.say(of("%d departments, %d batches late", "%d 个部门，超时 %d 个批次"), len(r.Departments), late)
	}
	return s
}

func (t tongue) bigTasks(r *wire.Report) section {
	s := section{Title: t.say(of("Big tasks", "大任务")), Summary: t.say(of("no run over %d min, %d durations corrected", "无超过 %d 分钟的运行，修正预期耗时 %d 个"), r.LongMinutes, len(r.Corrections))}
	for _, b := range r.BigTasks {
		usual := ""
		if b.Usual > 0 {
			usual = t.say(of("usually %s", "平时 %s"), t.millis(b.Usual))
		}
		s.Rows = append(s.Rows, row{Lead: b.Batch, Note: joined(b.Title, b.Owner, usual), Figure: t.millis(b.Millis), Unit: t.named(finishWords(), b.Finish)})
	}
	for _, c := range r.Corrections {
		w := row{Lead: c.Task, Note: c.Text, Tag: t.say(of("corrected", "已修正"))}
		if c.Now > 0 {
			w.Note = t.say(of("%s was expected", "原预期 %s"), t.took(time.Duration(c.Was)*time.Second))
			w.Figure, w.Unit = t.took(time.Duration(c.Now)*time.Second), t.say(of("expected now", "新预期"))
		}
		s.Rows = append(s.Rows, w)
	}
	if len(r.BigTasks) > 0 {
		s.Summary = t.say(of("%d over %d min, %d durations corrected", "%d 个超过 %d 分钟，修正预期耗时 %d 个"), len(r.BigTasks), r.LongMinutes, len(r.Corrections))
	}
	return s
}

// growth says which tasks took longer than a week before.
func (t tongue) growth(r *wire.Report) section {
	s := section{Title: t.say(of("Growth", "耗时增长")), Summary: t.say(of("no task took 10 min more than a week before", "无任务比一周前多用 10 分钟"))}
	for _, g := range r.Growth {
		s.Rows = append(s.Rows, row{
			Lead: g.Task, Figure: "+" + t.millis(g.Millis-g.Was),
			Note: joined(g.Owner, t.say(of("runs: %d, %s", "%d 次共 %s"), g.Runs, t.millis(g.Millis)), t.say(of("a week before: %d, %s", "一周前 %d 次共 %s"), g.WasRuns, t.millis(g.Was))),
		})
	}
	if len(r.Growth) > 0 {
		s.Summary = t.say(of("%s took %s more than a week before", "%s 比一周前多用 %s"), r.Growth[0].Task, t.millis(r.Growth[0].Millis-r.Growth[0].Was))
	}
	return s
}

func (t tongue) forecast(r *wire.Report) section {
	f := &r.Forecast
	s := section{Title: t.say(of("Next 2 hours", "未来 2 小时")), Tone: plain}
	s.Summary = t.say(of("%d due; %d slots there", "应调度 %d 个批次；槽位 %d"), f.Due, f.Slots)
	if f.Peak > 0 {
		s.Summary = t.say(of("%d due; at most %d of %d slots wanted, at %s", "应调度 %d 个批次；峰值需 %d/%d 槽位（%s）"), f.Due, f.Peak, f.Slots, t.clock(f.PeakAt))
	}
	if f.Peak > f.Slots {
		s.Tone = warn
	}
	wanted := strip{Label: t.say(of("Slots", "槽位"))}
	for _, step := range f.Steps {
		level := -1
		if f.Slots > 0 {
			level = shade(float64(step.Wanted) / float64(f.Slots))
		}
		wanted.Cells = append(wanted.Cells, cell{level, t.say(of("%s: %d slots wanted, %d batches due", "%s：需槽位 %d，应调度 %d"), t.clock(step.At), step.Wanted, step.Due)})
	}
	if len(f.Steps) > 0 {
		wanted.Left, wanted.Mid, wanted.Right = t.clock(f.From), t.clock((f.From+f.To)/2), t.clock(f.To)
		s.Strips = []strip{wanted.even()}
	}
	return s
}

func (t tongue) changes(r *wire.Report) section {
	s := section{Title: t.say(of("Changes by people", "人工变更")), Summary: t.say(of("none", "无")), Tone: plain}
	sum, people := 0, map[string]bool{}
	for _, c := range r.Changes {
		sum += c.Count
		people[c.Actor] = true
		s.Rows = append(s.Rows, row{Lead: c.Actor, Note: joined(c.Action, c.Object), Figure: "×" + strconv.Itoa(c.Count), Short: true})
	}
	if sum > 0 {
		s.Summary = t.say(of("%d by %d people", "%d 项，%d 人"), sum, len(people))
	}
	return s
}
