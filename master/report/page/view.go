package page

import (
	"strconv"
	"strings"
	"time"

	"capricornus/common/wire"
)

// Tones say how a figure is meant; colours and marks follow them. No meaning is
// in the colour alone.
const (
	plain = ""
	good  = "good"
	warn  = "warn"
	bad   = "bad"
	faint = "faint"
)

// view is a report in words, in the order people read it.
type view struct {
	Lang     string
	Title    string // what it is
	Span     string // of which time
	Subject  string
	Share    string
	ShareOf  string // what the share is of
	Headline string
	Tone     string
	Mix      []part
	Columns  [4]string
	Scores   []score
	Sections []section
	Footer   string
	Link     string
	LinkText string
}

// part is a piece of a bar.
type part struct {
	Percent int
	Tone    string
	Label   string
}

// score is one figure beside earlier ones.
type score struct {
	Label, Now string
	Then       [2]earlier // yesterday, last week
	Tone       string
	Group      bool // another group begins
}

// earlier is what a figure was, and by how much it is more or less now.
type earlier struct{ Was, By string }

// section is one part of a report.
type section struct {
	Title   string
	Summary string // in one line
	Tone    string
	Rows    []row
	Strips  []strip
	More    string // what is not listed
}

// row is one thing of a section: what, a word about it, a line of more, and a
// figure.
type row struct {
	Lead, Tag, Note, Figure, Unit string
	Tone                          string
	Short                         bool // all in one line
}

// strip is a row of cells of equal width.
type strip struct {
	Label      string
	Cells      []cell
	Left, Mid  string
	Right      string
	Percentage int // of the width one cell takes
}

// cell is darker the larger its figure is.
type cell struct {
	Level int // 0 … 4, or -1: nothing is known
	Title string
}

// viewOf puts a report into words. link is where the console shows it; empty:
// there is none.
func viewOf(r *wire.Report, lang, link string) view {
	zone, err := time.LoadLocation(r.Zone)
	if err != nil {
		zone = time.UTC
	}
	t := tongue{zh: lang == Chinese, zone: zone}
	v := view{Lang: "en", Title: t.say(of("Hourly report", "调度小时报")), Tone: good, Link: link, LinkText: t.say(of("Open in the console", "在控制台查看"))}
	if t.zh {
		v.Lang = "zh-CN"
	}
	if r.Kind == wire.ReportDaily {
		v.Title = t.say(of("Daily report", "调度日报"))
	}
	if !r.Green {
		v.Tone = warn
		if figure(r, wire.ScoreFailed)+figure(r, wire.ScoreMissing) > 0 || r.Fleet.Silent > 0 {
			v.Tone = bad
		}
	}
	v.Span = t.span(r)
	v.Share, v.ShareOf = share(r.Normal), t.say(of("normal", "正常"))
	v.Subject = t.subject(r)
	v.Headline = t.headline(r)
	v.Mix = t.mix(r)
	v.Columns = [4]string{"", t.now(r), t.say(of("yesterday", "昨日")), t.say(of("last week", "上周"))}
	if r.Kind == wire.ReportDaily {
		v.Columns[2] = t.say(of("previous", "前一日"))
	}
	v.Scores = t.scores(r)
	v.Sections = t.sections(r)
	v.Footer = t.say(of("Made at %s (%s).", "生成于 %s（%s）。"), t.time(r.MadeAt).Format("2006-01-02 15:04"), r.Zone)
	v.tame(fits()[0])
	return v
}

func (t tongue) now(r *wire.Report) string {
	if r.Kind == wire.ReportDaily {
		return t.say(of("this day", "当日"))
	}
	return t.say(of("this hour", "本小时"))
}

func (t tongue) span(r *wire.Report) string {
	from, to := t.time(r.From), t.time(r.At)
	if r.Kind == wire.ReportDaily {
		return from.Format("2006-01-02 ") + t.weekday(from)
	}
	return from.Format("2006-01-02 ") + t.weekday(from) + from.Format(" 15:04–") + to.Format("15:04")
}

func (t tongue) weekday(at time.Time) string {
	if t.zh {
		return "周" + string([]rune("日一二三四五六")[at.Weekday()])
	}
	return at.Weekday().String()[:3]
}

// subject is the line that people see in a list of mails.
func (t tongue) subject(r *wire.Report) string {
	kind, at := of("[Hourly report]", "[调度小时报]"), t.clock(r.At)
	if r.Kind == wire.ReportDaily {
		kind, at = of("[Daily report]", "[调度日报]"), t.time(r.From).Format(time.DateOnly)
	}
	late := figure(r, wire.ScoreDependLate) + figure(r, wire.ScoreOutputLate)
	text := t.say(of("%s %s %s normal · %d failed", "%s %s 正常 %s · 失败 %d"), t.say(kind), at, share(r.Normal), figure(r, wire.ScoreFailed))
	if late > 0 {
		text += t.say(of(" · %d late", " · 超时 %d"), late)
	}
	return text + t.say(of(" · %d missing", " · 缺批 %d"), figure(r, wire.ScoreMissing))
}

// figure is a score of a report; 0 for what is not known.
func figure(r *wire.Report, name string) int64 {
	for _, s := range r.Scores {
		if s.Name == name && s.Now != nil {
			return *s.Now
		}
	}
	return 0
}

// headline says the worst first.
func (t tongue) headline(r *wire.Report) string {
	ok := figure(r, wire.ScoreOK)
	if r.Green {
		return t.say(of("Nothing is wrong: %d batches ended well.", "一切正常：成功 %d 个批次。"), ok)
	}
	var said []string
	add := func(n int64, p phrase) {
		if n > 0 {
			said = append(said, t.say(p, n))
		}
	}
	add(figure(r, wire.ScoreFailed), of("%d failed", "失败 %d"))
	add(figure(r, wire.ScoreMissing), of("%d missing", "缺批 %d"))
	add(figure(r, wire.ScoreOutputLate), of("%d with their output late", "产出超时 %d"))
	add(figure(r, wire.ScoreDependLate), of("%d with their inputs late", "依赖超时 %d"))
	add(int64(r.Fleet.Silent), of("workers silent: %d", "执行机失联 %d"))
	said = append(said, t.unwell(r.Services)...)
	if len(said) == 0 {
		said = append(said, t.say(of("%d alerts", "告警 %d 条"), r.Alerts.Total))
	}
	text := strings.Join(said, t.say(of(", ", "，"))) + t.say(of(".", "。"))
	if len(r.Failures) > 0 && r.Failures[0].Impact > 0 {
		f := r.Failures[0]
		text += t.say(of(" %s failed, and %d batches wait for it.", "%s 失败，影响下游 %d 个批次。"), f.Batch, f.Impact)
	}
	return text
}

// unwell names the services that are not as they should be, or how many are.
func (t tongue) unwell(all []wire.ReportService) []string {
	var names []string
	for _, s := range all {
		if !s.OK {
			names = append(names, t.say(of("%s not as it should be", "%s异常"), t.named(serviceWords(), s.Name)))
		}
	}
	if len(names) > 2 {
		return []string{t.say(of("%d services not as they should be", "平台服务异常 %d 项"), len(names))}
	}
	return names
}

// mix is what came of batches, as a bar.
func (t tongue) mix(r *wire.Report) []part {
	ok, failed, missing := figure(r, wire.ScoreOK), figure(r, wire.ScoreFailed), figure(r, wire.ScoreMissing)
	late := figure(r, wire.ScoreDependLate) + figure(r, wire.ScoreOutputLate)
	all := ok + failed + missing + late
	if all == 0 {
		return nil
	}
	var out []part
	left := 100
	add := func(n int64, tone string, p phrase) {
		if n == 0 {
			return
		}
		percent := min(max(int(n*100/all), 1), left)
		left -= percent
		out = append(out, part{percent, tone, t.say(p, n)})
	}
	add(failed, bad, of("%d failed", "失败 %d"))
	add(missing, faint, of("%d missing", "缺批 %d"))
	add(late, warn, of("%d late", "超时 %d"))
	if ok > 0 {
		out = append(out, part{max(left, 1), good, t.say(of("%d ended well", "成功 %d"), ok)})
	}
	return out
}

func (t tongue) scores(r *wire.Report) []score {
	number := func(p *int64) string {
		if p == nil {
			return "–"
		}
		return strconv.FormatInt(*p, 10)
	}
	tones := map[string]string{wire.ScoreMissing: bad, wire.ScoreFailed: bad, wire.ScoreDependLate: warn, wire.ScoreOutputLate: warn}
	out := make([]score, len(r.Scores))
	for i, s := range r.Scores {
		out[i] = score{Label: t.named(scoreWords(), s.Name), Now: number(s.Now), Then: [2]earlier{compared(s.Now, s.Yesterday), compared(s.Now, s.LastWeek)}}
		out[i].Group = s.Name == wire.ScoreWaiting || s.Name == wire.ScoreOK
		if s.Now != nil && *s.Now > 0 {
			out[i].Tone = tones[s.Name]
		}
	}
	return out
}

func compared(now, then *int64) earlier {
	if then == nil {
		return earlier{Was: "–"}
	}
	e := earlier{Was: strconv.FormatInt(*then, 10)}
	switch {
	case now == nil || *now == *then:
	case *now > *then:
		e.By = "▲" + strconv.FormatInt(*now-*then, 10)
	default:
		e.By = "▼" + strconv.FormatInt(*then-*now, 10)
	}
	return e
}
