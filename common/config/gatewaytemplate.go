package config

import (
	"encoding/json"
	"errors"
	"maps"
	"net/url"
	"slices"
	"strings"
	"text/template"
	"unicode"
)

// AlertFields is what templates of gateways can hold.
type AlertFields struct {
	Phone string // number of the person; empty for webhooks
	Text  string
	Name  string // of the person; empty where a number is nobody's
	Key   string // of the message, the same for every try
	Lang  string // zh | en
	Level string // critical | important | notice | task
}

// GatewayTemplates are those of a gateway, parsed and tried.
type GatewayTemplates struct {
	url, body *template.Template
	headers   map[string]*template.Template
}

// GatewayCall is what is sent to a gateway.
type GatewayCall struct {
	URL     string
	Headers map[string]string
	Body    string
}

// IsJSON says that the body is JSON, by its Content-Type.
func (c GatewayCall) IsJSON() bool { return strings.Contains(c.contentType(), "json") }

func (c GatewayCall) contentType() string {
	for name, value := range c.Headers {
		if strings.EqualFold(name, "Content-Type") {
			return strings.ToLower(value)
		}
	}
	return "application/json"
}

// Templates parses what a gateway is called with and tries it on texts that
// have quotes, line ends and other marks in them. secrets are what
// {{secret "NAME"}} stands for. Problems have the paths url, headers, body.
func (g *Gateway) Templates(secrets map[string]Secret) (*GatewayTemplates, InvalidError) {
	var p InvalidError
	parse := func(path, text string) *template.Template {
		parsed, err := template.New(path).Funcs(templateFunctions(secrets)).Option("missingkey=error").Parse(text)
		if err != nil {
			p.add(path, "%s", templateProblem(path, err))
		}
		return parsed
	}
	t := &GatewayTemplates{url: parse("url", g.URL.Reveal()), body: parse("body", g.Body), headers: map[string]*template.Template{}}
	for _, name := range sortedNames(g.Headers)() {
		t.headers[name] = parse("headers", g.Headers[name].Reveal())
	}
	if len(p) == 0 {
		t.try(&p)
	}
	if len(p) > 0 {
		return nil, p
	}
	return t, nil
}

func templateFunctions(secrets map[string]Secret) template.FuncMap {
	return template.FuncMap{
		"json": func(text string) (string, error) {
			var out strings.Builder
			encoder := json.NewEncoder(&out)
			encoder.SetEscapeHTML(false)
			err := encoder.Encode(text)
			return strings.TrimSuffix(out.String(), "\n"), err
		},
		"form": url.QueryEscape,
		"secret": func(name string) (string, error) {
			value, known := secrets[name]
			if !known {
				return "", errors.New("there is no secret of this name: write it under secrets")
			}
			return value.Reveal(), nil
		},
	}
}

// templateProblem says what is wrong with a template, and where in it. A URL
// and headers may hold secrets, of which the library's message could show parts.
func templateProblem(path string, err error) string {
	text := strings.TrimPrefix(err.Error(), "template: "+path+":")
	if path == "body" {
		return "is not a template that can be filled in: line " + text
	}
	line, _, _ := strings.Cut(text, ": ")
	return "is not a template that can be filled in: line " + line + " has fields or functions that do not exist, or braces that do not close"
}

// Fill makes a call of the templates. The error tells no secret.
func (t *GatewayTemplates) Fill(f AlertFields) (GatewayCall, error) {
	call, problems := t.fill(f)
	return call, problems.err()
}

func (t *GatewayTemplates) fill(f AlertFields) (GatewayCall, InvalidError) {
	var p InvalidError
	fill := func(path string, of *template.Template) string {
		var out strings.Builder
		if err := of.Execute(&out, f); err != nil {
			p.add(path, "%s", templateProblem(path, err))
		}
		return out.String()
	}
	call := GatewayCall{URL: fill("url", t.url), Body: fill("body", t.body), Headers: map[string]string{}}
	for _, name := range slices.Sorted(maps.Keys(t.headers)) {
		value := fill("headers", t.headers[name])
		if strings.ContainsFunc(value, unicode.IsControl) {
			p.add("headers", "%s can have line ends in it: of the fields, only .Key, .Lang and .Level fit there", name)
		}
		call.Headers[name] = value
	}
	return call, p
}

// try fills the templates with marks of all kinds and with none: what the
// gateway reads must have the same shape.
func (t *GatewayTemplates) try(p *InvalidError) {
	const marks = "严重：\"a\\b\"\n<c> & d=e%2;+ #"
	marked, problems := t.fill(AlertFields{Phone: "+86 138", Text: marks, Name: marks, Key: "1-2", Lang: "zh", Level: "critical"})
	*p = append(*p, problems...)
	if len(problems) > 0 {
		return
	}
	plain, _ := t.fill(AlertFields{Phone: "1", Text: "1", Name: "1", Key: "1", Lang: "1", Level: "1"})
	p.check("url", sameURL(marked.URL, plain.URL))
	if marked.Body == "" {
		return
	}
	switch {
	case marked.IsJSON():
		if !json.Valid([]byte(marked.Body)) {
			p.add("body", "is not JSON once it is filled in with quotes and line ends: write {{json .Text}}, without quotes around it; or set the header Content-Type, if it is something else")
		}
	case strings.Contains(marked.contentType(), "form-urlencoded"):
		if !sameForm(marked.Body, plain.Body) {
			p.add("body", "is not the same form with other texts: write {{form .Text}} for each value")
		}
	}
}

func sameURL(marked, plain string) error {
	problem := errors.New("is not a URL once it is filled in: write https://host/path?to={{form .Phone}}&text={{form .Text}}, with the host spelled out")
	a, err := url.Parse(marked)
	if err != nil {
		return problem
	}
	b, err := url.Parse(plain)
	if err != nil || checkService(marked) != nil || checkService(plain) != nil {
		return problem
	}
	if a.Host != b.Host || a.Scheme != b.Scheme || !sameForm(a.RawQuery, b.RawQuery) {
		return problem
	}
	return nil
}

// sameForm says that two forms have the same fields.
func sameForm(marked, plain string) bool {
	a, errA := url.ParseQuery(marked)
	b, errB := url.ParseQuery(plain)
	return errA == nil && errB == nil && slices.Equal(slices.Sorted(maps.Keys(a)), slices.Sorted(maps.Keys(b)))
}
