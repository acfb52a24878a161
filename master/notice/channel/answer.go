package channel

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"capricornus/common/config"
)

// longestPause bounds what a service may ask for by Retry-After.
const longestPause = time.Hour

// rules say what an answer means.
type rules struct {
	statuses  []int    // that mean success; empty: 200 to 299
	body      string   // that means success; empty: any
	field     string   // dotted path of the field that decides; empty: none
	equals    string   // what it is on success
	receipt   string   // dotted path of the field that is kept
	permanent []string // values of field after which another try is useless
}

func rulesOf(g *GatewayConfig) rules {
	r := rules{field: g.Success.Field, equals: g.Success.Equals, receipt: g.Receipt, permanent: g.Permanent}
	for _, status := range g.Success.Status {
		if n, err := strconv.Atoi(status); err == nil {
			r.statuses = append(r.statuses, n)
		}
	}
	return r
}

// of is the receipt, or what is wrong.
func (r rules) of(who string, a reply, hide hider) (string, error) {
	doc := parseReply(a)
	status := strings.TrimSpace(strconv.Itoa(a.status) + " " + http.StatusText(a.status))
	value, found := fieldOf(doc, r.field)
	said := who + " answered " + status + r.about(hide, value, found) + ": " + hide.line(saidIn(doc, a))
	if r.field != "" && found && slices.Contains(r.permanent, value) {
		return "", permanent("%s", said)
	}
	if !r.accepts(a.status) {
		return "", refusal(a, said)
	}
	switch {
	case r.body != "" && strings.TrimSpace(string(a.body)) != r.body:
		return "", passing("%s", said)
	case r.field != "" && a.cut:
		return "", passing("%s answered more than %d KiB, which is not read to its field %s", who, longestReply>>10, hide.line(r.field))
	case r.field != "" && value != r.equals:
		return "", passing("%s", said)
	}
	if receipt, found := fieldOf(doc, r.receipt); found && receipt != "" {
		return hide.line(receipt), nil
	}
	return status, nil
}

// about says what the deciding field was.
func (r rules) about(hide hider, value string, found bool) string {
	switch {
	case r.field == "":
		return ""
	case !found:
		return ", without " + hide.line(r.field)
	}
	return ", " + hide.line(r.field) + " " + hide.line(value)
}

func (r rules) accepts(status int) bool {
	if len(r.statuses) > 0 {
		return slices.Contains(r.statuses, status)
	}
	return status >= 200 && status <= 299
}

// refusal is permanent where the call itself is at fault.
func refusal(a reply, said string) error {
	switch {
	case a.status == http.StatusRequestTimeout, a.status == http.StatusTooEarly, a.status == http.StatusTooManyRequests:
	case a.status >= 300 && a.status <= 399:
		return permanent("%s; redirects are not followed", said)
	case a.status >= 400 && a.status <= 499:
		return permanent("%s", said)
	}
	out := passing("%s", said)
	out.Err = &verdict{after: pauseOf(a.header.Get("Retry-After"), time.Now())}
	return out
}

// pauseOf reads seconds or a date.
func pauseOf(text string, now time.Time) time.Duration {
	if seconds, err := strconv.Atoi(text); err == nil {
		return min(max(0, time.Duration(min(seconds, 1<<20))*time.Second), longestPause)
	}
	if then, err := http.ParseTime(text); err == nil {
		return min(max(0, then.Sub(now)), longestPause)
	}
	return 0
}

func parseReply(a reply) any {
	decoder := json.NewDecoder(bytes.NewReader(a.body))
	decoder.UseNumber()
	var doc any
	if a.cut || decoder.Decode(&doc) != nil {
		return nil
	}
	return doc
}

// fieldOf is a text, number or truth by its dotted path; numbers count the
// elements of lists.
func fieldOf(doc any, path string) (string, bool) {
	if path == "" {
		return "", false
	}
	for part := range strings.SplitSeq(path, ".") {
		switch node := doc.(type) {
		case map[string]any:
			doc = node[part]
		case []any:
			i, err := strconv.Atoi(part)
			if err != nil || i < 0 || i >= len(node) {
				return "", false
			}
			doc = node[i]
		default:
			return "", false
		}
	}
	switch value := doc.(type) {
	case string:
		return value, true
	case json.Number:
		return value.String(), true
	case bool:
		return strconv.FormatBool(value), true
	}
	return "", false
}

// saidIn is what a service says of itself: the usual fields, or the beginning
// of its answer.
func saidIn(doc any, a reply) string {
	for _, name := range []string{"msg", "message", "errmsg", "Message", "error", "error.message", "error_description", "detail", "StatusMessage"} {
		if text, found := fieldOf(doc, name); found && text != "" {
			return text
		}
	}
	if len(bytes.TrimSpace(a.body)) == 0 {
		return "nothing"
	}
	return string(a.body)
}

// secretsOf reads the files with what templates take by {{secret "NAME"}}.
func secretsOf(path string, files map[string]string) (map[string]config.Secret, error) {
	out := make(map[string]config.Secret, len(files))
	for name, file := range files {
		secret, err := config.ReadSecret(file)
		if err != nil {
			return nil, at(path+".secrets", err)
		}
		out[name] = secret
	}
	return out, nil
}
