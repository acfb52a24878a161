package config

import (
	"regexp"
	"slices"
	"strconv"
	"time"
)

// Gateway is an HTTP service that sends something to a person: short messages,
// calls. URL, Headers and Body are templates of AlertFields.
type Gateway struct {
	URL       Secret            // empty: there is no such gateway
	Method    string            // GET | POST | PUT
	Headers   map[string]Secret // Content-Type says what Body is; application/json if it does not
	Body      string
	Secrets   map[string]string // files with what templates take by {{secret "NAME"}}
	Success   Success
	Receipt   string   // dotted path of the answer's field that identifies the message; empty: the status line is the receipt
	Permanent []string // values of Success.Field after which another try is useless
	Timeout   time.Duration
}

// Success says which answers of a gateway mean that it took the message.
type Success struct {
	Status []string // of HTTP; empty: 200 to 299
	Field  string   // dotted path of a field of the JSON answer; empty: the status decides
	Equals string   // what it must be, as text
}

const (
	aboutSMS   = "gateway for short messages"
	aboutPhone = "gateway for calls"
)

func defaultGateway() Gateway {
	return Gateway{Method: "POST", Headers: map[string]Secret{}, Secrets: map[string]string{}, Timeout: 10 * time.Second}
}

func (g *Gateway) keys(path, about string) []Key {
	return append([]Key{
		secretKey(path+".url", &g.URL, "`URL` of the "+about+", a template; empty: there is none"),
	}, g.callKeys(path)...)
}

// callKeys are all but the URL. None has a flag: templates do not belong on a
// command line, and the rest is of no use without them.
func (g *Gateway) callKeys(path string) []Key {
	keys := []Key{
		textKey(path+".method", &g.Method, "of the call, `GET|POST|PUT`"),
		secretMapKey(path+".headers", &g.Headers, "headers of the call, `NAME=VALUE,...`; values are templates; Content-Type says what the body is, JSON if there is none"),
		textKey(path+".body", &g.Body, "`TEMPLATE` of the body; docs/alerts.md lists what it can hold"),
		mapKey(path+".secrets", &g.Secrets, "files with what templates take by {{secret \"NAME\"}}, `NAME=FILE,...`; not open to everybody"),
		listKey(path+".success.status", &g.Success.Status, "statuses, `N,...`, that mean it was taken; empty: 200 to 299"),
		textKey(path+".success.field", &g.Success.Field, "dotted `PATH` of the field of the JSON answer that tells whether it was taken; empty: the status does"),
		textKey(path+".success.equals", &g.Success.Equals, "the `VALUE` of that field when it was taken"),
		textKey(path+".receipt", &g.Receipt, "dotted `PATH` of the field of the JSON answer that is kept as the receipt; empty: the status is"),
		listKey(path+".permanent", &g.Permanent, "values, `VALUE,...`, of success.field after which another try is useless"),
		durationKey(path+".timeout", &g.Timeout, "`TIME` for one call"),
	}
	for i := range keys {
		keys[i].NoFlag = true
	}
	return keys
}

func (g *Gateway) validate(path string, p *InvalidError) {
	if g.URL == "" {
		if g.Body != "" || len(g.Headers) > 0 {
			p.add(path+".url", "is missing, though the rest of %s is there: write the URL of the gateway", path)
		}
		return
	}
	g.validateCall(path, p)
}

func (g *Gateway) validateCall(path string, p *InvalidError) {
	p.check(path+".method", checkOneOf(g.Method, "GET", "POST", "PUT"))
	if g.Method == "GET" && g.Body != "" {
		p.add(path+".body", "cannot go with GET: put what it says into the URL, or write method: POST")
	}
	if g.Method != "GET" && g.Body == "" {
		p.add(path+".body", "is missing: write what the gateway expects, for example {\"to\": {{json .Phone}}, \"text\": {{json .Text}}}")
	}
	for _, name := range sortedNames(g.Secrets)() {
		p.check(path+".secrets", checkName(name))
		if g.Secrets[name] == "" {
			p.add(path+".secrets", "%s is of no file: write %s: /etc/capri/%s.secret", name, name, name)
		}
	}
	g.validateHeaders(path, p)
	g.validateSuccess(path, p)
	validateTimeout(path+".timeout", g.Timeout, p)
	known := map[string]Secret{}
	for name := range g.Secrets {
		known[name] = "a-secret"
	}
	if _, problems := g.Templates(known); problems != nil {
		for _, problem := range problems {
			p.add(path+"."+problem.Path, "%s", problem.Text)
		}
	}
}

func (g *Gateway) validateHeaders(path string, p *InvalidError) {
	token := regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")
	for _, name := range sortedNames(g.Headers)() {
		if !token.MatchString(name) {
			p.add(path+".headers", "%q is not the name of a header", name)
		}
	}
}

func (g *Gateway) validateSuccess(path string, p *InvalidError) {
	s := g.Success
	for _, status := range s.Status {
		if n, err := strconv.Atoi(status); err != nil || n < 100 || n > 599 {
			p.add(path+".success.status", "%q is not a status of HTTP: write numbers such as 200", status)
		}
	}
	if s.Field == "" && s.Equals != "" {
		p.add(path+".success.field", "is missing: write which field of the answer must be %q", s.Equals)
	}
	if s.Field != "" && s.Equals == "" {
		p.add(path+".success.equals", "is missing: write what %s is when the message was taken", s.Field)
	}
	if len(g.Permanent) > 0 && s.Field == "" {
		p.add(path+".success.field", "is missing: write which field of the answer %s.permanent is about", path)
	}
	if slices.Contains(g.Permanent, s.Equals) && s.Equals != "" {
		p.add(path+".permanent", "%q means success: it cannot mean failure, too", s.Equals)
	}
}
