package text

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// Template is one text to register at a provider of short messages, which sends
// nothing else (console.md §3.1).
type Template struct {
	Code string // of the kind and the level, or of the purpose: batch-failed.task, digest
	Name string // what it is for
	// Text has ${variables}, never two without text between them. ${link} is the
	// console's address without https://: the same in every message, so
	// it is written into the template. Where a message would be too long with it,
	// the message ends as in Unlinked; there is none where both are the same.
	Text     string
	Unlinked string
	// Variables are those of Text, in its order.
	Variables []Variable
}

// Variable is a part of a template that changes.
type Variable struct {
	Name    string
	Most    int // characters
	Example string
}

// Templates are all that messages in a language are made of, in the order of
// their codes. Kinds that are notices only are mailed, so they have none.
func Templates(lang string) []Template {
	p, w := patterns{lang: lang}, newWriter(lang, Message{})
	var out []Template
	add := func(code, name, pattern string) {
		ends := tails(code)
		t := Template{Code: code, Name: name, Text: pattern + ends[0], Variables: variablesOf(pattern + ends[0])}
		if len(ends) > 1 {
			t.Unlinked = pattern + ends[1]
		}
		out = append(out, t)
	}
	for _, code := range slices.Sorted(maps.Keys(kinds())) {
		k := kinds()[code]
		for _, level := range told(k.levels) {
			add(code+"."+level, k.name.in(lang), p.alert(level, k))
		}
	}
	for _, level := range told(externalLevels) {
		title := w.level(level)
		add("other."+level, w.of("其他告警：%s", "another alert: %s", title), p.thing(level))
		add("folded."+level, w.of("合并：%s", "several at once: %s", title), p.folded(level))
		add("folded-cause."+level, w.of("合并，根因已知：%s", "several at once, the cause is known: %s", title), p.foldedCause(level))
		add("update."+level, w.of("更新：%s", "an update: %s", title), p.update(level))
	}
	add(PurposeDigest, w.of("汇总", "digest"), p.digest())
	add(PurposeRecovered, w.of("已恢复", "recovered"), p.recovered())
	add(PurposeFailure, w.of("通知未送达", "not delivered"), p.failure())
	add(PurposeTest, w.of("测试", "test"), p.test())
	slices.SortFunc(out, func(a, b Template) int { return cmp.Compare(a.Code, b.Code) })
	return out
}

// told are the levels that are told by short message.
func told(levels string) []string {
	return slices.DeleteFunc(strings.Fields(levels), func(l string) bool { return l == levelNotice })
}

func variablesOf(pattern string) []Variable {
	examples := map[string]string{
		"task": "dwd_order_d", "object": "w-07", "root": "dwd_order_d/20240613", "kind": "disk-full", "cause": "w-07", "no": "20240613",
		"time": "07:51", "n": "41", "affected": "41", "span": "1h20m", "code": "x7k2", "link": "a.example.cn",
	}
	var out []Variable
	for _, found := range placeholder.FindAllStringSubmatch(pattern, -1) {
		out = append(out, Variable{Name: found[1], Most: smsVariables()[found[1]].most, Example: examples[found[1]]})
	}
	return out
}
