package text_test

import (
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"capricornus/master/notice/rule"
	"capricornus/master/notice/text"
)

// longest is a message with everything as long as it can be, in letters that
// look like nothing else of the text.
func longest(kind, level, letter, link string) text.Message {
	name := strings.Repeat(letter, 400)
	a := alertOf(kind)
	a.Level, a.Title, a.Owner, a.Project, a.Host, a.Text = level, name, name, name, name, name
	if a.Object == "dwd_order_d/20240612.0" {
		a.Task, a.Object, a.WorkNo = name, name+"/202406120751.999", "202406120751"
	} else {
		a.Object = name
	}
	return about(a, func(m *text.Message) {
		m.Link, m.Code, m.Affected, m.Cause, m.OnDuty, m.Cluster, m.Lasted = link, "x7k2mnpq", 9_999_999, name, name, name, 9999*time.Hour
	})
}

// TestShortMessagesFitWhateverTheyHold renders every template with names of 400
// letters, Latin and Chinese, numbers of seven digits and a long address.
func TestShortMessagesFitWhateverTheyHold(t *testing.T) {
	const short, long = "https://a.cn", "https://capricornus.data.example.com.cn:8443/console"
	for _, lang := range languages() {
		templates := registered(lang)
		for _, c := range []struct{ letter, link string }{{"q", ""}, {"q", short}, {"q", long}, {"汉", short}, {"👩", long}} {
			for _, kind := range kindsRaised() {
				for _, level := range levelsOf(kind) {
					for _, m := range purposesOf(longest(kind, level, c.letter, c.link)) {
						got := text.Render(rule.SMS, lang, m).Plain
						checkShort(t, got)
						if c.letter == "q" && level != "notice" && !matches(templates, got) {
							t.Errorf("got %q for %s of %s.%s, want one of the templates", got, m.Purpose, kind, level)
						}
						if c.link == short && m.Purpose == text.PurposeAlert && !strings.Contains(got, "x7k2mnpq") {
							t.Errorf("got %q, want the incident's code in it", got)
						}
					}
				}
			}
		}
	}
}

// purposesOf is a message of one alert as one of every purpose, alone and with others.
func purposesOf(m text.Message) []text.Message {
	all := []text.Message{m}
	for _, purpose := range []string{text.PurposeUpdate, text.PurposeDigest, text.PurposeRecovered, text.PurposeFailure, text.PurposeTest} {
		other := m
		other.Purpose = purpose
		all = append(all, other)
	}
	many := m
	many.Alerts = nil
	for range 3 {
		many.Alerts = append(many.Alerts, m.Alerts[0])
	}
	unknown := many
	unknown.Cause = ""
	return append(all, many, unknown)
}

func checkShort(t *testing.T, got string) {
	t.Helper()
	if n := utf8.RuneCountInString(got); n > 70 || n < 8 {
		t.Errorf("got %d characters, want 8 to 70: %q", n, got)
	}
	if !utf8.ValidString(got) || strings.ContainsRune(got, utf8.RuneError) || strings.ContainsAny(got, "\r\n${}") {
		t.Errorf("got %q, want whole letters on one line and every variable filled", got)
	}
}

// registered are the templates as patterns of what is sent. Without an end are
// those messages that have no incident.
func registered(lang string) []*regexp.Regexp {
	var all []*regexp.Regexp
	variable := regexp.MustCompile(`\\\$\\\{\w+\\\}`)
	for _, tpl := range text.Templates(lang) {
		for _, form := range []string{tpl.Text, tpl.Unlinked} {
			if form != "" {
				all = append(all, regexp.MustCompile("^"+variable.ReplaceAllString(regexp.QuoteMeta(form), ".+")+"$"))
			}
		}
	}
	return all
}

func matches(templates []*regexp.Regexp, message string) bool {
	for _, tpl := range templates {
		if tpl.MatchString(message) {
			return true
		}
	}
	return false
}

// TestTemplatesAreWhatProvidersTake holds the providers' rules: no two variables
// without text between them, a length for each, fixed text that fits, no code
// twice.
func TestTemplatesAreWhatProvidersTake(t *testing.T) {
	adjacent := regexp.MustCompile(`\}\$\{`)
	variable := regexp.MustCompile(`\$\{(\w+)\}`)
	for _, lang := range languages() {
		seen := map[string]bool{}
		for _, tpl := range text.Templates(lang) {
			if seen[tpl.Code] || tpl.Name == "" {
				t.Errorf("got template %q twice or without a name, want each once", tpl.Code)
			}
			seen[tpl.Code] = true
			if adjacent.MatchString(tpl.Text) || adjacent.MatchString(tpl.Unlinked) {
				t.Errorf("got %q, want text between variables", tpl.Text)
			}
			if fixed := utf8.RuneCountInString(variable.ReplaceAllString(tpl.Text, "")); fixed > 50 {
				t.Errorf("got %d characters of fixed text in %q, want room for its variables", fixed, tpl.Text)
			}
			if n := len(variable.FindAllString(tpl.Text, -1)); n != len(tpl.Variables) {
				t.Errorf("got %d variables of %q, want %d", len(tpl.Variables), tpl.Text, n)
			}
			for _, v := range tpl.Variables {
				if v.Most == 0 || v.Example == "" || utf8.RuneCountInString(v.Example) > v.Most {
					t.Errorf("got %+v in %s, want its length and an example", v, tpl.Code)
				}
			}
		}
		if !seen["batch-failed.task"] || !seen["masters-low.critical"] || seen["worker-back.notice"] || seen["coldstart-unfinished.notice"] {
			t.Errorf("got templates %v, want those of levels that are told by short message", seen)
		}
	}
}

// TestNamesAreShortenedInTheMiddle: the ends of names tell them apart, and a name
// that fits stays as it is.
func TestNamesAreShortenedInTheMiddle(t *testing.T) {
	for _, c := range []struct{ name, link, want string }{
		{"dwd_order_d", "https://a.cn", "【调度】告警：dwd_order_d批次20240612于07:50失败，影响41个下游 a.cn/a/x7k2"},
		{"dws_user_active_last_week", "https://a.cn", "【调度】告警：dws_user_a…last_week批次20240612于07:50失败，影响41个下游 a.cn/a/x7k2"},
		{"dws_user_active_last_week", "https://capri.data.example.cn", "【调度】告警：dws_…eek批次20240612于07:50失败，影响41个下游 capri.data.example.cn/a/x7k2"},
		{"dws_user_active_last_week", "https://capricornus.data.example.com:8443", "【调度】告警：dws_user_a…last_week批次20240612于07:50失败，影响41个下游 #x7k2"},
		{"用户活跃最近一周统计宽表明细层的一张很长的表", "https://a.cn", "【调度】告警：用户活跃最近一周统计…细层的一张很长的表批次20240612于07:50失败，影响41个下游 a.cn/a/x7k2"},
	} {
		a := alertOf("batch-failed")
		a.Task, a.Object, a.At = c.name, c.name+"/20240612.0", morning().Add(-100*time.Second)
		if got := text.Render(rule.SMS, "zh", about(a, func(m *text.Message) { m.Link, m.Affected = c.link, 41 })).Plain; got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}

// TestRerunsSayTheirNumber: the first run needs none.
func TestRerunsSayTheirNumber(t *testing.T) {
	a := alertOf("batch-failed")
	a.Object = "dwd_order_d/20240612.2#3"
	got := text.Render(rule.SMS, "en", about(a, nil)).Plain
	if want := "Alert: dwd_order_d/20240612.2 failed, hits 41 a.example.cn/a/x7k2"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	call := text.Render(rule.Phone, "zh", about(a, nil)).Plain
	if want := "批次，二零二四零六一二，重跑二，失败"; !strings.Contains(call, want) {
		t.Errorf("got %s, want %s in it", call, want)
	}
}
