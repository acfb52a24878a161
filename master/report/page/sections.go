package page

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"capricornus/common/wire"
)

// steps are the shades of a heat strip above the lightest.
const steps = 4

// reasonRunes is how much is shown of a reason: more is in the log.
const reasonRunes = 120

// sections are the parts of a report, what is worst first; those that have
// nothing to say are short.
func (t tongue) sections(r *wire.Report) []section {
	all := []section{t.failures(r), t.waits(r)}
	if r.Kind == wire.ReportDaily {
		all = append(all, t.departments(r), t.bigTasks(r))
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
		s.Tone, s.Summary = plain, joined(t.millis(r.MadeAt-w.Since)+" "+w.Batch, w.Root)
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

func (t tongue) services(r *wire.Report) section {
	s := section{Title: t.say(of("Services", "平台服务")), Tone: good}
	wrong := 0
	for _, d := range r.Services {
		w := row{Lead: t.named(serviceWords(), d.Name), Figure: t.millis(d.Millis), Tone: good, Tag: t.say(of("ok", "正常")), Short: true}
		if d.Limit > 0 {
			w.Unit = t.say(of("of %s", "限 %s"), t.millis(d.Limit))
		}
		w.Note = t.say(of("last run %s", "最近 %s"), t.clock(d.EndedAt))
		if d.EndedAt == 0 {
			w.Note, w.Figure = t.say(of("has not run yet", "尚未运行")), "–"
		}
		if !d.OK {
			wrong++
			w.Tone, w.Tag = bad, t.say(of("look at it", "异常"))
			w.Note, w.Short = joined(w.Note, d.Error), false
		}
		s.Rows = append(s.Rows, w)
	}
	s.Summary = t.say(of("all as they should be", "全部正常"))
	if wrong > 0 {
		s.Tone, s.Summary = bad, t.say(of("%d not as they should be", "%d 项异常"), wrong)
	}
	return s
}

func (t tongue) fleet(r *wire.Report) section {
	f := &r.Fleet
	s := section{Title: t.say(of("Workers", "执行机")), Tone: good}
	s.Summary = t.fleetSummary(f)
	if f.LongOff > 0 {
		s.Tone = warn
	}
	if f.Silent > 0 {
		s.Tone = bad
	}
	load, memory := strip{Label: t.say(of("Load", "负载"))}, strip{Label: t.say(of("Memory", "内存"))}
	for _, w := range f.Workers {
		host := oneLine(w.Host)
		loads, uses := -1, -1
		if w.State == wire.WorkerOn || w.State == wire.WorkerOff {
			loads, uses = shade(w.Load/max(w.LoadLimit, 1)), shade(float64(w.Memory)/100)
		}
		load.Cells = append(load.Cells, cell{loads, fmt.Sprintf("%s %.2f", host, w.Load)})
		memory.Cells = append(memory.Cells, cell{uses, fmt.Sprintf("%s %d%%", host, w.Memory)})
		if w.State != wire.WorkerOn || w.Moved > 0 {
			s.Rows = append(s.Rows, t.worker(r, w))
		}
	}
	if len(s.Rows) > topRows {
		s.More = t.say(of("%d more workers to look at", "另有 %d 台需关注"), len(s.Rows)-topRows)
		s.Rows = s.Rows[:topRows]
	}
	if len(f.Workers) > 0 {
		more := ""
		if f.More > 0 {
			more = t.say(of("%d more", "另有 %d 台"), f.More)
		}
		load.Right = more
		memory.Left = t.say(of("a cell each, the most troubled first", "每格一台，问题机在前"))
		s.Strips = []strip{load.even(), memory.even()}
	}
	return s
}

func (t tongue) fleetSummary(f *wire.ReportFleet) string {
	said := []string{t.say(of("%d on", "上线 %d"), f.On)}
	for _, n := range []struct {
		count int
		text  phrase
	}{{f.Silent, of("%d silent", "失联 %d")}, {f.Dead, of("%d dead", "判死 %d")}, {f.Off, of("%d off", "下线 %d")}, {f.LongOff, of("%d off for over 24 h", "下线超 24 小时 %d")}} {
		if n.count > 0 {
			said = append(said, t.say(n.text, n.count))
		}
	}
	said = append(said, t.say(of("%d/%d slots taken", "槽位占用 %d/%d"), f.Taken, f.Slots))
	if f.Moved > 0 {
		said = append(said, t.say(of("%d re-assigned", "再调度 %d"), f.Moved))
	}
	return strings.Join(said, t.say(of(", ", "，")))
}

// topRows is how many troubled workers are listed one by one.
const topRows = 8

func (t tongue) worker(r *wire.Report, w wire.ReportWorker) row {
	out := row{Lead: w.Host, Tag: t.named(stateWords(), w.State), Tone: warn, Figure: fmt.Sprintf("%d/%d", w.Taken, w.Slots), Unit: t.say(of("slots", "槽位"))}
	var notes []string
	if w.OffSince > 0 {
		notes = append(notes, t.say(of("off for %s", "已下线 %s"), t.millis(r.MadeAt-w.OffSince)), w.OffBy, w.OffReason)
	}
	if w.Moved > 0 {
		notes = append(notes, t.say(of("%d batches taken away", "调走 %d 个批次"), w.Moved))
	}
	if w.State == wire.WorkerSilent {
		out.Tone = bad
	}
	if w.State == wire.WorkerOn {
		out.Tone = plain
	}
	out.Note = joined(notes...)
	return out
}

// shade is how dark a cell is that stands for a share of a limit.
func shade(share float64) int {
	for i, limit := range []float64{0.25, 0.5, 0.75, 0.9} {
		if share < limit {
			return i
		}
	}
	return steps
}

func (s strip) even() strip {
	s.Percentage = 100 / max(len(s.Cells), 1)
	return s
}

func (t tongue) alerts(r *wire.Report) section {
	s := section{Title: t.say(of("Alerts", "告警")), Summary: t.say(of("none", "无")), Tone: good}
	for _, a := range r.Alerts.Kinds {
		w := row{Lead: t.named(alertWords(), a.Kind), Tag: t.named(levelWords(), a.Level), Figure: strconv.Itoa(a.Count), Tone: plain, Short: true}
		if a.Level == wire.LevelCritical {
			w.Tone = bad
		}
		if a.Undelivered > 0 {
			w.Note = t.say(of("%d undelivered", "未送达 %d"), a.Undelivered)
		}
		s.Rows = append(s.Rows, w)
	}
	if r.Alerts.Total > 0 {
		s.Tone = plain
		s.Summary = t.say(of("%d, of which %d were not delivered", "%d 条，未送达 %d 条"), r.Alerts.Total, r.Alerts.Undelivered)
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
