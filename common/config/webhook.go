package config

import (
	"fmt"
	"regexp"
	"slices"
)

// The formats of webhooks.
const (
	WebhookSlack    = "slack"
	WebhookFeishu   = "feishu"
	WebhookDingTalk = "dingtalk"
	WebhookWeCom    = "wecom"
	WebhookCustom   = "custom"
)

// Webhook is a group of a chat tool that is told. Whoever knows its URL can
// write into the group, so that the URL is a secret.
type Webhook struct {
	Gateway            // all but URL and Timeout is of format custom only
	URLFile     string // file with the URL, if URL is empty
	Kind        string // slack | feishu | dingtalk | wecom | custom
	SignFile    string // file with the secret that dingtalk and feishu sign calls by; empty: they do not
	Levels      []string
	Departments []string
}

func defaultWebhook() Webhook {
	return Webhook{Gateway: defaultGateway(), Kind: WebhookCustom, Levels: []string{}, Departments: []string{}}
}

// levels are those that an alert can have.
func levels() []string { return []string{"critical", "important", "notice", "task"} }

func (w *Webhook) keys(path string) []Key {
	return append([]Key{
		textKey(path+".format", &w.Kind, "what it speaks, `slack|feishu|dingtalk|wecom|custom`; NAME is of your own choice"),
		secretKey(path+".url", &w.URL, "its URL; wins over url_file"),
		textKey(path+".url_file", &w.URLFile, "`FILE` with its URL, not open to everybody"),
		textKey(path+".sign_file", &w.SignFile, "`FILE` with the secret that dingtalk and feishu check signatures by; empty: they do not"),
		listKey(path+".levels", &w.Levels, "levels it is told of, `critical|important|notice|task,...`; empty: all"),
		listKey(path+".departments", &w.Departments, "departments whose alerts it is told of, `NAME,...`; empty: all, and the platform's own"),
	}, w.callKeys(path)...)
}

func (w *Webhook) validate(path, name string, p *InvalidError) {
	if !regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`).MatchString(name) {
		p.add(path, "%q is not a name: write lower-case letters, digits and underscores, at most 40", name)
	}
	if w.URL == "" && w.URLFile == "" {
		p.add(path+".url_file", "is missing: write the name of the file with the URL")
	}
	p.check(path+".format", checkOneOf(w.Kind, WebhookSlack, WebhookFeishu, WebhookDingTalk, WebhookWeCom, WebhookCustom))
	for _, level := range w.Levels {
		p.check(path+".levels", checkOneOf(level, levels()...))
	}
	if w.SignFile != "" && w.Kind != WebhookDingTalk && w.Kind != WebhookFeishu {
		p.add(path+".sign_file", "is of no use with format %s: dingtalk and feishu sign", w.Kind)
	}
	if w.Kind == WebhookCustom {
		w.validateCustom(path, p)
		return
	}
	w.validateReady(path, p)
}

func (w *Webhook) validateCustom(path string, p *InvalidError) {
	g := w.Gateway
	if g.URL == "" {
		g.URL = "https://webhook.invalid/" // the file has it
	}
	g.validateCall(path, p)
}

// validateReady checks a webhook whose format says how it is called.
func (w *Webhook) validateReady(path string, p *InvalidError) {
	if w.URL != "" && checkService(w.URL.Reveal()) != nil {
		p.add(path+".url", "is not a URL: write it as the chat tool shows it, https://…")
	}
	validateTimeout(path+".timeout", w.Timeout, p)
	for _, custom := range []struct {
		key string
		is  bool
	}{
		{"method", w.Method != "POST"},
		{"headers", len(w.Headers) > 0},
		{"body", w.Body != ""},
		{"secrets", len(w.Secrets) > 0},
		{"success.status", len(w.Success.Status) > 0},
		{"success.field", w.Success.Field != "" || w.Success.Equals != ""},
		{"receipt", w.Receipt != ""},
		{"permanent", len(w.Permanent) > 0},
	} {
		if custom.is {
			p.add(path+"."+custom.key, "is of format custom only: %s says itself how it is called", w.Kind)
		}
	}
}

// Format hides the secrets from every verb of fmt: some print what a pointer
// leads to without asking it.
func (w Webhook) Format(f fmt.State, _ rune) { fmt.Fprint(f, line(w.keys("webhook"))) }

// Wants says whether a webhook is told of an alert of a level; department is
// that of the task's owner, empty for alerts of the platform.
func (w *Webhook) Wants(level, department string) bool {
	return (len(w.Levels) == 0 || slices.Contains(w.Levels, level)) &&
		(len(w.Departments) == 0 || slices.Contains(w.Departments, department))
}
