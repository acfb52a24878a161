package text_test

import (
	"encoding/xml"
	"fmt"
	"html"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"capricornus/master/notice/rule"
	"capricornus/master/notice/text"
)

// hostile are names that want to be more than names.
func hostile() []string {
	return []string{
		"<script>alert(1)</script>", `"><img src=x onerror=alert(1)>`, "</td></table><h1>all is well</h1>", "a\r\nBcc: everybody@example.com\r\n\r\nhello",
		"\u202egnp.exe\u202c", "x\u2066y\u2069\u200b\u200e\ufeff", "line one\nline two\u2028three\u2029four", "\x1b[31mred\x1b[0m\x07\x00", "{{.Key}} ${task} %s %[2]d",
		"javascript:alert(1)", "\xff\xfe broken \xc3", strings.Repeat("汉", 133) + "x", strings.Repeat("\"<&'>", 80), "👩‍👩‍👧‍👦 family", "*bold* _it_ [a](http://evil.example) <!channel> @all",
		"style=\"x\"", "-->", "<!--", "]]>", "&amp;lt;b&gt;", "", " ", "\t\t",
	}
}

func drawName(t *rapid.T, label string) string {
	if rapid.Bool().Draw(t, label+" is hostile") {
		parts := rapid.SliceOfN(rapid.SampledFrom(hostile()), 1, 3).Draw(t, label)
		return strings.Join(parts, rapid.SampledFrom([]string{"", "/", "\n", "#"}).Draw(t, label+" glue"))
	}
	return rapid.OneOf(rapid.String(), rapid.StringMatching(`[a-z_]{1,40}/2024061[0-9]\.[0-3](#[1-3])?`), rapid.Just(strings.Repeat("n", 400))).Draw(t, label)
}

func drawMessage(t *rapid.T) text.Message {
	name := func(label string) string { return drawName(t, label) }
	names := func(label string, most int) []string {
		all := make([]string, rapid.IntRange(0, most).Draw(t, label+" count"))
		for i := range all {
			all[i] = name(label)
		}
		return all
	}
	level := rapid.OneOf(rapid.SampledFrom([]string{"critical", "important", "notice", "task", ""}), rapid.String())
	m := text.Message{
		Purpose: rapid.SampledFrom([]string{
			text.PurposeAlert, text.PurposeAlert, text.PurposeUpdate, text.PurposeDigest, text.PurposeRecovered, text.PurposeFailure, text.PurposeTest, "new",
		}).Draw(t, "purpose"),
		Key: name("key"), Code: rapid.OneOf(rapid.Just("x7k2"), rapid.Just(""), rapid.String()).Draw(t, "code"),
		Link:    rapid.SampledFrom([]string{"", "https://a.cn", "http://10.0.0.1:8080/", "javascript:alert(1)", "https://u:p@a.cn", "https://" + strings.Repeat("x", 90) + ".cn", "//a.cn", "https://a.cn/\"><script>"}).Draw(t, "link"),
		Cluster: name("cluster"), Level: level.Draw(t, "level"), Cause: name("cause"), Affected: rapid.IntRange(-1, 1<<40).Draw(t, "affected"),
		Now: morning(), Rule: name("rule"), Others: names("others", 3), OnDuty: name("duty"), RequestID: name("request"),
		Lasted: time.Duration(rapid.Int64().Draw(t, "lasted")),
	}
	kinds := append(kindsRaised(), "", "external.", "<b>")
	for range rapid.IntRange(0, 4).Draw(t, "alerts") {
		m.Alerts = append(m.Alerts, text.Alert{
			Kind: rapid.SampledFrom(kinds).Draw(t, "kind"), Level: level.Draw(t, "its level"), Object: name("object"), Task: name("task"), Title: name("title"),
			WorkNo: name("work number"), Project: name("project"), Owner: name("owner"), Text: name("text"), Host: name("host"),
			Attempt: rapid.IntRange(-1, 9).Draw(t, "attempt"), ExitCode: rapid.IntRange(-1, 255).Draw(t, "code of exit"), At: morning(),
			Why: names("why", 2), LogTail: names("log", 2), Took: time.Duration(rapid.Int64().Draw(t, "took")), Usual: time.Duration(rapid.Int64().Draw(t, "usual")),
		})
	}
	return m
}

// TestHostileNamesAreInert: whatever stands in names, every text keeps its bounds.
func TestHostileNamesAreInert(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, lang := drawMessage(t), rapid.SampledFrom([]string{"zh", "en", "", "fr"}).Draw(t, "language")
		checkInert(t, lang, m)
	})
}

// FuzzNames puts one text everywhere.
func FuzzNames(f *testing.F) {
	for _, name := range hostile() {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		a := alertOf("batch-failed")
		a.Object, a.Task, a.Title, a.Owner, a.Project, a.Host, a.Text, a.Kind = name, name, name, name, name, name, name, "external."+name
		a.Why, a.LogTail = []string{name}, []string{name, name}
		b := alertOf("batch-failed")
		b.Object, b.Owner = name+"/20240612.0", name
		m := about(a, func(m *text.Message) {
			m.Cause, m.Code, m.Key, m.Cluster, m.OnDuty, m.RequestID, m.Rule, m.Others, m.Level = name, name, name, name, name, name, name, []string{name}, name
			m.Link = name
		})
		many := m
		many.Alerts = []text.Alert{b, a, b}
		for _, lang := range languages() {
			checkInert(t, lang, m)
			checkInert(t, lang, many)
		}
	})
}

type failing interface {
	Helper()
	Errorf(format string, args ...any)
}

func checkInert(t failing, lang string, m text.Message) {
	t.Helper()
	short := text.Render(rule.SMS, lang, m).Plain
	if n := utf8.RuneCountInString(short); n > 70 {
		t.Errorf("got %d characters, want at most 70: %q", n, short)
	}
	call := text.Render(rule.Phone, lang, m).Plain
	if took := text.SpokenFor(call); took > text.SpokenLimit {
		t.Errorf("got a call of %s, want at most %s: %q", took, text.SpokenLimit, call)
	}
	room := text.Render(rule.Webhook, lang, m).Plain
	if len(room) > 2000 {
		t.Errorf("got %d bytes for a chat room, want at most 2000", len(room))
	}
	mail := text.Render(rule.Mail, lang, m)
	for what, one := range map[string]string{"short message": short, "call": call, "subject": mail.Subject} {
		checkLine(t, what, one)
		if strings.TrimSpace(one) == "" {
			t.Errorf("got an empty %s, want words", what)
		}
	}
	if n := utf8.RuneCountInString(mail.Subject); n > 120 {
		t.Errorf("got a subject of %d characters, want at most 120", n)
	}
	for _, one := range append(strings.Split(room, "\n"), strings.Split(mail.Plain, "\n")...) {
		checkLine(t, "line", one)
	}
	for what, whole := range map[string]string{"HTML": mail.HTML, "plain text": mail.Plain} {
		if len(whole) >= 100_000 || whole == "" || !utf8.ValidString(whole) {
			t.Errorf("got %d bytes of %s, want some, below 100 KB and of whole letters", len(whole), what)
		}
	}
	checkHTML(t, mail)
}

// checkLine wants one line of text, without anything that acts on what is around it.
func checkLine(t failing, what, line string) {
	t.Helper()
	for _, r := range line {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r) {
			t.Errorf("got %U in the %s %q, want text only", r, what, line)
			return
		}
	}
	if !utf8.ValidString(line) {
		t.Errorf("got broken letters in the %s %q", what, line)
	}
}

var elements = []string{"html", "head", "meta", "title", "style", "body", "table", "tr", "td", "div", "span", "a", "br"} //nolint:gochecknoglobals // a table

// checkHTML wants the elements of the template, closed as it closes them, links
// to the console only, and what the plain text says.
func checkHTML(t failing, mail text.Text) {
	t.Helper()
	sameWords(t, mail, wordsOf(t, mail))
}

// wordsOf are the words of the HTML, whose form is checked.
func wordsOf(t failing, mail text.Text) []string {
	t.Helper()
	open := 0
	var words []string
	d := xml.NewDecoder(strings.NewReader(strings.TrimPrefix(mail.HTML, "<!DOCTYPE html>")))
	d.Strict, d.AutoClose, d.Entity = false, []string{"meta", "br"}, xml.HTMLEntity
	within := ""
	for {
		token, err := d.Token()
		if err == io.EOF { //nolint:errorlint // the decoder returns it as it is
			break
		}
		if err != nil {
			t.Errorf("got HTML that does not parse: %v", err)
			return words
		}
		switch token := token.(type) {
		case xml.StartElement:
			open++
			within = token.Name.Local
			if !slices.Contains(elements, within) {
				t.Errorf("got element %s, want none but the template's", within)
			}
			for _, a := range token.Attr {
				if strings.HasPrefix(a.Name.Local, "on") || a.Name.Local == "href" && !strings.HasPrefix(a.Value, "http") {
					t.Errorf("got attribute %s=%q, want no script and links to the console only", a.Name.Local, a.Value)
				}
				if a.Name.Local == "href" {
					words = append(words, a.Value)
				}
			}
		case xml.EndElement:
			open--
			within = ""
		case xml.CharData:
			if within != "style" && within != "title" {
				words = append(words, strings.Fields(string(token))...)
			}
		}
	}
	if open != 0 {
		t.Errorf("got %d elements that are open at the end, want none", open)
	}
	return words
}

// sameWords wants the plain text to say what the HTML says.
func sameWords(t failing, mail text.Text, words []string) {
	t.Helper()
	set := func(all []string) map[string]bool {
		out := map[string]bool{}
		for _, w := range all {
			if w = strings.Trim(html.UnescapeString(w), "[],· \u00a0"); w != "" {
				out[w] = true
			}
		}
		return out
	}
	shown, plain := set(words), set(strings.Fields(mail.Plain))
	for word := range shown {
		if !plain[word] && !strings.Contains(mail.Plain, word) {
			t.Errorf("got %q in the HTML only, want it in the plain text too", word)
		}
	}
	whole := strings.Join(words, " ")
	for word := range plain {
		if !shown[word] && !strings.Contains(whole, word) {
			t.Errorf("got %q in the plain text only, want it in the HTML too", word)
		}
	}
}

// TestTenThousandAlertsFitAMail: the plain part names all of them, the HTML as
// many as there is room for, and says where the others are.
func TestTenThousandAlertsFitAMail(t *testing.T) {
	named := regexp.MustCompile(`big_\d+_d/20240612`)
	for name, padding := range map[string]string{"short names": "", "names of 400 bytes": strings.Repeat("<&汉", 80)} {
		for _, purpose := range []string{text.PurposeDigest, text.PurposeAlert} {
			m := tenThousand(purpose, padding)
			for _, lang := range languages() {
				mail := text.Render(rule.Mail, lang, m)
				shown := strings.Join(wordsOf(t, mail), " ")
				if len(mail.HTML) >= 100_000 || !strings.Contains(shown, "10000") || !strings.Contains(shown, "capri alert list") {
					t.Errorf("got %d bytes with %s, want less than 100 KB, how many there are and where the others are", len(mail.HTML), name)
				}
				if n := len(named.FindAllString(mail.HTML, -1)); padding == "" && n < 1500 {
					t.Errorf("got %d names, want 1,500 or more", n)
				}
				if n := distinct(named.FindAllString(mail.Plain, -1)); n != 10_000 || !strings.Contains(mail.Plain, "10000") {
					t.Errorf("got %d batches named in the plain text with %s, want all", n, name)
				}
			}
		}
	}
}

func distinct(all []string) int {
	slices.Sort(all)
	return len(slices.Compact(all))
}

// tenThousand is a message of so many alerts whose names have something before them.
func tenThousand(purpose, padding string) text.Message {
	var all []text.Alert
	for i := range 10_000 {
		a := alertOf([]string{"depend-timeout", "batch-failed", "output-timeout", "long-run"}[i%4])
		a.Task = fmt.Sprintf("big_%d_d", i)
		a.Object = a.Task + "/20240612.0"
		if padding != "" {
			a.Object = padding + "/" + a.Object
		}
		all = append(all, a)
	}
	all[0].Text, all[0].LogTail, all[0].Why = padding, slices.Repeat([]string{padding + "x"}, 40), slices.Repeat([]string{padding + "x"}, 40)
	return about(all[0], func(m *text.Message) {
		m.Purpose, m.Alerts, m.Others = purpose, all, slices.Repeat([]string{"somebody " + padding}, 500)
	})
}

// TestEveryAlertOfADigestIsNamed as long as there is room, in both parts.
func TestEveryAlertOfADigestIsNamed(t *testing.T) {
	m := examples()["digest"]
	for _, lang := range languages() {
		mail := text.Render(rule.Mail, lang, m)
		names := map[string]bool{}
		for _, a := range m.Alerts {
			names[strings.TrimSuffix(a.Object, ".0")] = true
		}
		for _, name := range slices.Sorted(maps.Keys(names)) {
			if !strings.Contains(mail.HTML, name) || !strings.Contains(mail.Plain, name) {
				t.Errorf("got no %s in the digest, want every batch", name)
			}
		}
	}
}
