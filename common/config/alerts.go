package config

import (
	"net"
	"net/mail"
	"slices"
	"strings"
	"time"
)

// Alerts says how people are told (domain.md §10). A channel without a host or
// URL is not there.
type Alerts struct {
	Mail     Mail
	SMS      Gateway
	Phone    Gateway
	Webhooks map[string]*Webhook // by the names that people gave them
	File     string              // takes what is told as JSON lines; empty: none

	Heartbeat Heartbeat
}

// How the connection to a mail server is encrypted.
const (
	MailStartTLS = "starttls" // on a plain connection, before anything is said; without it nothing is sent
	MailTLS      = "tls"      // from the first byte
	MailPlain    = "none"     // not at all
)

// Mail says which server takes mail.
type Mail struct {
	Host         string // empty: there is no mail
	Port         int    // 0: 587 with starttls, 465 with tls, 25 with none
	TLS          string // starttls | tls | none
	Auth         string // auto | plain | login | cram
	User         string // empty: the server wants no login
	Password     Secret // wins over PasswordFile
	PasswordFile string
	From         string // an address, or "Name <address>"
	ReplyTo      string // likewise; empty: From
	CA           string // file with the certificates that the server's must be signed by; empty: the system's
	Timeout      time.Duration
}

func defaultAlerts() Alerts {
	return Alerts{
		Mail:     Mail{TLS: MailStartTLS, Auth: "auto", Timeout: 30 * time.Second},
		SMS:      defaultGateway(),
		Phone:    defaultGateway(),
		Webhooks: map[string]*Webhook{},

		Heartbeat: defaultHeartbeat(),
	}
}

const aboutAlertFile = "`FILE` that takes what people are told, as JSON lines; 10 MB and one older file are kept"

func (a *Alerts) keys() []Key {
	example := defaultWebhook()
	webhooks := namedKeys(
		func() []string { return sortedNames(a.Webhooks)() },
		example.keys("alerts.webhooks."+anyName),
		func(name string) []Key { return a.webhook(name).keys("alerts.webhooks." + name) },
	)
	return slices.Concat(
		[]Key{textKey("alerts.file", &a.File, aboutAlertFile+"; empty: none")},
		a.Mail.keys(), a.SMS.keys("alerts.sms", aboutSMS), a.Phone.keys("alerts.phone", aboutPhone), webhooks, a.Heartbeat.keys(),
	)
}

// webhook returns the webhook of a name, a new one if there is none.
func (a *Alerts) webhook(name string) *Webhook {
	if a.Webhooks[name] == nil {
		w := defaultWebhook()
		a.Webhooks[name] = &w
	}
	return a.Webhooks[name]
}

func (m *Mail) keys() []Key {
	return []Key{
		textKey("alerts.mail.host", &m.Host, "`HOST` of the server that takes mail; empty: nobody gets mail"),
		intKey("alerts.mail.port", &m.Port, "its `PORT`; 0: 587 with starttls, 465 with tls, 25 with none"),
		textKey("alerts.mail.tls", &m.TLS, "how the connection is encrypted, `starttls|tls|none`; a server that cannot gets nothing"),
		textKey("alerts.mail.auth", &m.Auth, "how to log in, `auto|plain|login|cram`"),
		textKey("alerts.mail.user", &m.User, "`NAME` to log in with; empty: the server wants none"),
		secretKey("alerts.mail.password", &m.Password, "its password; wins over password_file"),
		textKey("alerts.mail.password_file", &m.PasswordFile, "`FILE` with its password, not open to everybody"),
		textKey("alerts.mail.from", &m.From, "`ADDRESS` that mail comes from, or Name <address>"),
		textKey("alerts.mail.reply_to", &m.ReplyTo, "`ADDRESS` that answers go to; empty: from"),
		textKey("alerts.mail.ca", &m.CA, "`FILE` with the certificates that the server's must be signed by, PEM; empty: the system's"),
		durationKey("alerts.mail.timeout", &m.Timeout, "`TIME` for one mail, from the connection to the server's answer"),
	}
}

func (a *Alerts) validate(p *InvalidError) {
	a.Mail.validate(p)
	a.SMS.validate("alerts.sms", p)
	a.Phone.validate("alerts.phone", p)
	for _, name := range sortedNames(a.Webhooks)() {
		a.Webhooks[name].validate("alerts.webhooks."+name, name, p)
	}
	a.Heartbeat.validate(p)
}

func (m *Mail) validate(p *InvalidError) {
	if m.Host == "" {
		if m.From != "" || m.User != "" {
			p.add("alerts.mail.host", "is missing, though the rest of alerts.mail is there: write the name of the server that takes mail")
		}
		return
	}
	if _, _, err := net.SplitHostPort(m.Host); err == nil || strings.ContainsAny(m.Host, "/@ ") {
		p.add("alerts.mail.host", "%q is not the name of a server: write smtp.example.com, and the port as alerts.mail.port", m.Host)
	}
	if m.Port < 0 || m.Port > 65535 {
		p.add("alerts.mail.port", "%d is not a port: write 1 to 65535, or 0 for the usual one", m.Port)
	}
	p.check("alerts.mail.tls", checkOneOf(m.TLS, MailStartTLS, MailTLS, MailPlain))
	p.check("alerts.mail.auth", checkOneOf(m.Auth, "auto", "plain", "login", "cram"))
	checkMailbox("alerts.mail.from", m.From, p)
	if m.ReplyTo != "" {
		checkMailbox("alerts.mail.reply_to", m.ReplyTo, p)
	}
	m.validateLogin(p)
	validateTimeout("alerts.mail.timeout", m.Timeout, p)
}

func (m *Mail) validateLogin(p *InvalidError) {
	hasPassword := m.Password != "" || m.PasswordFile != ""
	switch {
	case m.User == "" && hasPassword:
		p.add("alerts.mail.user", "is missing, though there is a password: write the name to log in with")
	case m.User != "" && !hasPassword:
		p.add("alerts.mail.password_file", "is missing: write the name of the file with the password of %s", m.User)
	}
	if m.TLS == MailPlain && m.User != "" && m.Auth != "cram" {
		p.add("alerts.mail.tls", "none would send the password readable by everybody on the way: write starttls or tls, or auth: cram")
	}
	if m.TLS == MailPlain && m.CA != "" {
		p.add("alerts.mail.ca", "is of no use without encryption: write tls: starttls or tls, or take it away")
	}
}

// checkMailbox wants one address, with or without a name.
func checkMailbox(path, text string, p *InvalidError) {
	if text == "" {
		p.add(path, "is missing: write an address, for example Capricornus <capri@example.com>")
		return
	}
	if _, err := mail.ParseAddress(text); err != nil {
		p.add(path, "%q is not an address: write capri@example.com or Capricornus <capri@example.com>", text)
	}
}

// validateTimeout keeps one try well below the two minutes that an alert may take.
func validateTimeout(path string, d time.Duration, p *InvalidError) {
	if d < time.Second || d > time.Minute {
		p.add(path, "%s is out of bounds: write 1s to 1m", shortDuration(d))
	}
}
