package task

import (
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"capricornus/common/condition"
)

// HTTP is the call that an attempt of an http task makes.
type HTTP struct {
	Method      string            `json:"method"` // default GET
	URL         string            `json:"url"`
	Headers     map[string]string `json:"headers,omitempty"`
	HeaderFiles map[string]string `json:"headerFiles,omitempty"` // by header, the file on the worker that holds its value
	Body        string            `json:"body,omitempty"`
	Timeout     Duration          `json:"timeout"` // of the whole call, default 1m
	Success     HTTPSuccess       `json:"success,omitzero"`
}

// HTTPSuccess says which answers are successes.
type HTTPSuccess struct {
	Status []int  `json:"status,omitempty"` // empty: 200 to 299
	When   string `json:"when,omitempty"`   // an expression that must be true of the answer besides
}

// Limits of a call.
const (
	maxURLBytes    = 4096
	maxHeaderBytes = 16 << 10 // names and values together
	maxCallTime    = 24 * time.Hour
)

func methodWords() []string {
	return []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
}

// ownHeaders are said by the URL and by the connection, not by a task.
func ownHeaders() []string {
	return []string{
		"host", "content-length", "transfer-encoding", "connection", "keep-alive", "te", "trailer", "upgrade", "proxy-authorization", "proxy-connection",
	}
}

// secretHeaders usually carry what must not stand in a definition.
func secretHeaders() []string {
	return []string{"authorization", "cookie", "x-api-key", "api-key", "x-auth-token", "private-token"}
}

func (d decoder) http(to **HTTP) reader {
	return func(n *node, where string) {
		h := &HTTP{Method: "GET", Timeout: Duration(time.Minute)}
		d.fields(n, where, []field{
			{"method", false, d.oneOf(&h.Method, methodWords())},
			{"url", true, d.text(&h.URL)},
			{"headers", false, d.textMap(&h.Headers)},
			{"headerFiles", false, d.textMap(&h.HeaderFiles)},
			{"body", false, d.text(&h.Body)},
			{"timeout", false, parsed(d, &h.Timeout, ParseDuration)},
			{"success", false, func(n *node, where string) {
				d.fields(n, where, []field{{"status", false, d.integers(&h.Success.Status)}, {"when", false, d.text(&h.Success.When)}})
			}},
		})
		*to = h
	}
}

// httpRun checks a task of type http.
func (c checker) httpRun() {
	r := c.doc.Task.Spec.Run
	at := path("spec", "run")
	if r.Script != "" || len(r.Command) > 0 {
		c.errorf(at, CodeRun, "an http task makes the call of run.http; run.script goes with shell and python, run.command with exec")
	}
	if c.doc.Task.Spec.Program != "" {
		c.errorf(path("spec", "program"), CodeRun, "an http task runs no program; remove it")
	}
	if r.HTTP == nil {
		c.errorf(at, CodeRun, "an http task needs run.http with the url to call")
		return
	}
	h := r.HTTP
	c.callURL(h.URL)
	c.headers(h)
	c.macros(path("spec", "run", "http", "body"), "run.http.body", h.Body)
	if len(h.Body) > maxScriptBytes {
		c.errorf(path("spec", "run", "http", "body"), CodeTooLarge, "run.http.body has %d bytes, at most %d are allowed", len(h.Body), maxScriptBytes)
	}
	if h.Body != "" && (h.Method == "GET" || h.Method == "HEAD") {
		c.warnf(path("spec", "run", "http", "body"), CodeSuspicious, "servers may ignore the body of a %s; is it a POST?", h.Method)
	}
	if length := time.Duration(h.Timeout); length < time.Second || length > maxCallTime {
		c.errorf(path("spec", "run", "http", "timeout"), CodeBadValue, "run.http.timeout is %s; it must be from 1s to %s", h.Timeout, Duration(maxCallTime))
	}
	for i, status := range h.Success.Status {
		c.between(path("spec", "run", "http", "success", "status", i), status, 200, 599)
	}
	if h.Success.When != "" {
		if _, err := condition.Parse(h.Success.When); err != nil {
			c.errorf(path("spec", "run", "http", "success", "when"), CodeBadValue, "run.http.success.when must be true or false of status, headers, body and json, for example json.state == \"done\": %v", err)
		}
	}
}

// callURL checks the URL of a call. Its host is written out, so that it can be
// seen where a task calls; the rest may have macros, which are not escaped.
func (c checker) callURL(text string) {
	at := path("spec", "run", "http", "url")
	t := c.macros(at, "run.http.url", text)
	if t == nil {
		return
	}
	if problem := urlProblem(text, t.Expand(sample())); problem != "" {
		c.errorf(at, CodeBadValue, "run.http.url %s %s", quoted(text), problem)
	}
}

// urlProblem says what is wrong with a URL, as written and expanded, or "".
func urlProblem(written, text string) string {
	scheme, rest, found := strings.Cut(written, "://")
	if !found || scheme != "http" && scheme != "https" {
		return "must begin with http:// or https://"
	}
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		rest = rest[:end]
	}
	if strings.Contains(rest, "{{") {
		return "has a macro in its host; write the host out"
	}
	if len(text) > maxURLBytes {
		return "is too long"
	}
	if strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
		return "holds a blank or a control character; write %20 for a blank"
	}
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return "cannot be read as a URL"
	case u.Hostname() == "":
		return "has no host"
	case u.User != nil:
		return "holds a user or a password; name a file with the Authorization header in run.http.headerFiles"
	case u.Fragment != "":
		return "has a part after #, which is never sent; remove it"
	}
	return ""
}

func (c checker) headers(h *HTTP) {
	at := path("spec", "run", "http", "headers")
	seen := map[string]bool{}
	total := 0
	for _, name := range slices.Sorted(maps.Keys(h.Headers)) {
		value := h.Headers[name]
		total += len(name) + len(value)
		c.headerName(at, name, seen)
		c.macros(append(slices.Clone(at), name), "the header "+quoted(name), value)
		if strings.ContainsAny(value, "\n\r") {
			c.errorf(append(slices.Clone(at), name), CodeBadValue, "the header %s has more than one line; write it as one", quoted(name))
		}
		if strings.Contains(value, "${") {
			c.warnf(append(slices.Clone(at), name), CodeSuspicious,
				"the header %s has ${…}, which is sent as it stands: headers know macros, {{ … }}, and run.http.headerFiles", quoted(name))
		}
		if slices.Contains(secretHeaders(), strings.ToLower(name)) {
			c.warnf(append(slices.Clone(at), name), CodeSuspicious,
				"the header %s is in the definition, where many can read it; if it is a secret, keep it in a file of the account and name that in run.http.headerFiles", quoted(name))
		}
	}
	if total > maxHeaderBytes {
		c.errorf(at, CodeTooLarge, "run.http.headers has %d bytes, at most %d are allowed", total, maxHeaderBytes)
	}
	at = path("spec", "run", "http", "headerFiles")
	for _, name := range slices.Sorted(maps.Keys(h.HeaderFiles)) {
		c.headerName(at, name, seen)
		if file := h.HeaderFiles[name]; !strings.HasPrefix(file, "/") || strings.ContainsAny(file, "\n\t") {
			c.errorf(append(slices.Clone(at), name), CodePath, "the file %s of the header %s must be an absolute path on the worker", quoted(file), quoted(name))
		}
	}
}

func (c checker) headerName(at []any, name string, seen map[string]bool) {
	const others = "!#$%&'*+-.^_`|~"
	lower := strings.ToLower(name)
	at = append(slices.Clone(at), name)
	switch {
	case name == "" || strings.ContainsFunc(lower, func(r rune) bool { return !isSmall(r) && !isDigit(r) && !strings.ContainsRune(others, r) }):
		c.errorf(at, CodeBadName, "%s is no name of a header; write letters, digits and dashes", quoted(name))
	case slices.Contains(ownHeaders(), lower):
		c.errorf(at, CodeBadName, "the header %s follows from the call itself; remove it", quoted(name))
	case seen[lower]:
		c.errorf(at, CodeDuplicate, "the header %s is there twice; keep one", quoted(name))
	}
	seen[lower] = true
}
