package text

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// smsLimit is what one short message holds, signature included (console.md §3.1).
const smsLimit = 70

// variable is a part of a short message that changes: how long it may be, and
// what must be left of it when there is little room.
type variable struct{ most, least int }

// smsVariables are all that short messages have. Codes, numbers and times are
// whole or not there.
func smsVariables() map[string]variable {
	return map[string]variable{
		"task": {20, 8}, "object": {24, 8}, "root": {24, 10}, "kind": {20, 6}, "cause": {20, 6},
		"no": {15, 15}, "time": {5, 5}, "n": {5, 5}, "affected": {5, 5}, "span": {14, 14}, "code": {12, 12}, "link": {60, 60},
	}
}

var placeholder = regexp.MustCompile(`\$\{(\w+)\}`)

// compose fills a pattern. Names are shortened in the middle, the longest
// first, until the whole fits; fits is false when it does not even so.
func compose(pattern string, values map[string]string) (text string, fits bool) {
	limits := smsVariables()
	filled, total := map[string]string{}, utf8.RuneCountInString(placeholder.ReplaceAllLiteralString(pattern, ""))
	for _, found := range placeholder.FindAllStringSubmatch(pattern, -1) {
		name := found[1]
		filled[name] = shorten(values[name], limits[name].most)
		total += utf8.RuneCountInString(filled[name])
	}
	for total > smsLimit {
		longest, slack := "", 0
		for name, v := range filled {
			room := utf8.RuneCountInString(v) - limits[name].least
			if room > slack || room == slack && room > 0 && name < longest {
				longest, slack = name, room
			}
		}
		if longest == "" {
			break
		}
		filled[longest] = shorten(values[longest], utf8.RuneCountInString(filled[longest])-1)
		total--
	}
	text = placeholder.ReplaceAllStringFunc(pattern, func(p string) string { return filled[p[2:len(p)-1]] })
	return text, total <= smsLimit
}

// tails are the ends a short message of a purpose may have, the best first: the
// incident's page; its code alone, where the page's address is too long. A digest
// is of many incidents, and a test of none.
func tails(purpose string) []string {
	switch purpose {
	case PurposeTest:
		return []string{""}
	case PurposeDigest:
		return []string{" ${link}/alerts", ""}
	}
	return []string{" ${link}/a/${code}", " #${code}"}
}

// sms is the short message.
func (w *writer) sms() string {
	pattern, values := w.pattern(), w.values()
	for _, tail := range append(tails(w.m.Purpose), "") {
		if !w.has(tail, values) {
			continue
		}
		if text, fits := compose(pattern+tail, values); fits {
			return text
		}
	}
	text, _ := compose(pattern, values)
	return shorten(text, smsLimit)
}

// has says that a message has what an end tells, whole.
func (w *writer) has(tail string, values map[string]string) bool {
	for _, found := range placeholder.FindAllStringSubmatch(tail, -1) {
		value := values[found[1]]
		if value == "" || utf8.RuneCountInString(value) > smsVariables()[found[1]].most {
			return false
		}
	}
	return true
}

// pattern is the template that a message is made of.
func (w *writer) pattern() string {
	p := patterns{lang: w.lang}
	switch w.m.Purpose {
	case PurposeDigest:
		return p.digest()
	case PurposeRecovered:
		return p.recovered()
	case PurposeFailure:
		return p.failure()
	case PurposeTest:
		return p.test()
	case PurposeUpdate:
		return p.update(w.worst())
	}
	a := w.single()
	switch {
	case a == nil && w.m.Cause != "":
		return p.foldedCause(w.worst())
	case a == nil:
		return p.folded(w.worst())
	}
	k := kindOf(a.Kind)
	_, _, batch := batchOf(a)
	if k.says.zh == "" || ended(a) || k.about == aboutBatch && !batch {
		return p.thing(w.worst())
	}
	return p.alert(w.worst(), k)
}

// values are what the variables stand for.
func (w *writer) values() map[string]string {
	a := w.first()
	task, no, _ := batchOf(a)
	if task == "" {
		task = w.object(a)
	}
	values := map[string]string{
		"task": task, "no": no, "object": w.object(a), "root": w.object(a), "kind": w.name(a), "cause": w.m.Cause,
		"time": w.begun().Format("15:04"), "n": count(len(w.m.Alerts)), "affected": count(w.m.Affected),
		"span": w.briefly(w.m.Lasted), "code": pathPart(w.m.Code), "link": bare(w.m.Link),
	}
	if a := w.single(); a != nil && !a.At.IsZero() {
		values["time"] = w.local(a.At).Format("15:04")
	}
	if values["cause"] == "" {
		values["cause"] = w.of("不明", "unknown")
	}
	return values
}

// bare is an address as people write it: telephones make a link of it.
func bare(link string) string {
	_, rest, _ := strings.Cut(link, "://")
	return rest
}
