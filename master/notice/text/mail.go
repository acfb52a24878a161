package text

import (
	_ "embed"
	"html/template"
	"strings"
	"sync"
)

//go:embed mail.html
var mailSource string

// mailTemplate escapes everything by where it stands: text, attribute or style.
var mailTemplate = sync.OnceValue(func() *template.Template { //nolint:gochecknoglobals // read only, made once
	return template.Must(template.New("mail").Parse(mailSource))
})

// subjectLimit is how long a subject may be: more is not shown anywhere.
const subjectLimit = 120

// mail is a mail: its HTML, and the same in plain text, which names every alert.
func (w *writer) mail() Text {
	p := w.page()
	if !w.listed() {
		return Text{Subject: p.Subject, Plain: p.plain(), HTML: p.html()}
	}
	whole := *p
	p.List, whole.List = w.list(mailLimit-len(p.html())), w.list(everything)
	return Text{Subject: p.Subject, Plain: whole.plain(), HTML: p.html()}
}

func (p *page) html() string {
	var out strings.Builder
	if err := mailTemplate().Execute(&out, p); err != nil {
		return "" // a builder takes everything, and the tests execute every branch
	}
	return out.String()
}

// subject is the subject: level, kind and object first, since the end is
// cut off on telephones.
func (w *writer) subject() string {
	n := len(w.m.Alerts)
	head := w.of("[调度]", "[Capri]")
	what, tags := w.headline(), "["+w.badge()+"]"
	switch w.m.Purpose {
	case PurposeTest:
		return w.of("[调度][测试] 测试邮件，无需处理", "[Capri][test] a test mail, nothing to do")
	case PurposeDigest, PurposeFailure:
		if w.m.Purpose == PurposeFailure && w.m.Cause != "" {
			what = shorten(w.m.Cause, 60)
		}
	case PurposeRecovered:
		if n > 0 {
			what = shorten(w.object(w.first()), 60) + " " + kindOf(w.first().Kind).name.in(w.lang)
		}
	default:
		tags = "[" + w.level(w.worst()) + "]"
		if n > 0 {
			tags += "[" + shorten(w.kindsName(), 30) + "]"
			what = shorten(w.object(w.first()), 60)
		}
		if n > 1 {
			what += w.of(" 等 %d 条", " and others, %d", n)
		}
	}
	return shorten(head+tags+" "+what+w.subjectEnd(), subjectLimit)
}

// kindsName is the kind of all alerts, or what they are called together.
func (w *writer) kindsName() string {
	switch {
	case w.m.Purpose == PurposeUpdate:
		return w.of("更新", "update")
	case w.alike():
		return w.name(w.first())
	}
	return w.of("多种告警", "several kinds")
}

func (w *writer) subjectEnd() string {
	end := ""
	if w.m.Affected > 0 && w.m.Purpose != PurposeRecovered {
		end += w.of(" · 影响 %d", " · affects %d", w.m.Affected)
	}
	if w.m.Purpose == PurposeRecovered && w.m.Lasted > 0 {
		end += w.of(" · 历时 %s", " · lasted %s", w.span(w.m.Lasted))
	}
	if w.m.OnDuty != "" && w.m.Purpose != PurposeRecovered {
		end += w.of(" · 值班 %s", " · on duty %s", shorten(w.m.OnDuty, 20))
	}
	if w.m.Code != "" {
		end += " #" + shorten(w.m.Code, 12)
	}
	return end
}

// plain is the same as the HTML, in text.
func (p *page) plain() string {
	b := &strings.Builder{}
	say := func(parts ...string) {
		for _, part := range parts {
			b.WriteString(part)
		}
		b.WriteByte('\n')
	}
	say("[", p.Badge, "] ", p.Headline)
	for _, line := range []string{p.Impact, p.About, p.Detail} {
		if line != "" {
			say(line)
		}
	}
	for _, s := range []*section{p.Why, p.Log} {
		if s != nil {
			say("\n", s.Title)
			for _, line := range s.Lines {
				say("  ", line)
			}
		}
	}
	if p.Bars != nil {
		say("\n", p.Bars.Title)
		for _, r := range p.Bars.Rows {
			say("  ", r.Label, " ", r.Value)
		}
		if p.Bars.Note != "" {
			say("  ", p.Bars.Note)
		}
	}
	if len(p.Buttons) > 0 {
		say()
	}
	for _, l := range p.Buttons {
		say(l.Label, " ", l.Address)
	}
	if p.List != nil {
		p.List.plain(say)
	}
	say()
	for _, r := range p.Told {
		say(r.Label, " ", r.Value)
	}
	say(p.Notes)
	return b.String()
}

func (l *list) plain(say func(...string)) {
	say("\n", l.Title)
	if l.Left != "" {
		say(l.Left)
	}
	for _, g := range l.Groups {
		say(g.Title)
		for _, e := range g.Entries {
			say("  ", strings.Join(strings.Fields(e.At+" "+e.Object+" "+e.Owner), " "))
		}
		const together = 5
		for names := g.Names; len(names) > 0; names = names[min(together, len(names)):] {
			say("  ", strings.Join(names[:min(together, len(names))], ", "))
		}
	}
}
