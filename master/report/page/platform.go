package page

import (
	"fmt"
	"strconv"
	"strings"

	"capricornus/common/wire"
)

// steps are the shades of a heat strip above the lightest.
const steps = 4

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
		memory.Right = t.say(of("red from 90 %", "红色：90% 起"))
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
