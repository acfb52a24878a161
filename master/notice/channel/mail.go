package channel

import (
	"context"
	"crypto/tls"
	"net"
	netmail "net/mail"
	"strconv"
	"time"

	"github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"

	"capricornus/common/config"
	"capricornus/common/fault"
	"capricornus/common/tlsfile"
)

// farewell is how long a server that has taken the mail is waited for.
const farewell = 2 * time.Second

// mailer sends by one mail server, with a connection for each mail.
type mailer struct {
	cfg      MailConfig
	address  string // host:port
	password config.Secret
	from     *netmail.Address
	replyTo  *netmail.Address
	tls      *tls.Config
	hide     hider
	dial     mail.DialContextFunc
}

// NewMail reads the password and the CA, and calls nobody yet. Errors are
// faults that name the key.
func NewMail(cfg MailConfig) (Sender, error) {
	m := &mailer{cfg: cfg, password: cfg.Password, address: net.JoinHostPort(cfg.Host, strconv.Itoa(mailPort(cfg))), dial: (&net.Dialer{}).DialContext}
	var err error
	if m.from, err = netmail.ParseAddress(cfg.From); err != nil {
		return nil, fault.New(fault.Invalid, "alerts.mail.from: %q is not an address", cfg.From)
	}
	if cfg.ReplyTo != "" {
		if m.replyTo, err = netmail.ParseAddress(cfg.ReplyTo); err != nil {
			return nil, fault.New(fault.Invalid, "alerts.mail.reply_to: %q is not an address", cfg.ReplyTo)
		}
	}
	if cfg.User != "" && m.password == "" {
		if m.password, err = config.ReadSecret(cfg.PasswordFile); err != nil {
			return nil, at("alerts.mail.password_file", err)
		}
	}
	if m.tls, err = mailTLS(cfg); err != nil {
		return nil, at("alerts.mail.ca", err)
	}
	m.hide = newHider(m.password, config.Secret("\x00"+cfg.User+"\x00"+m.password.Reveal()))
	return m, nil
}

func mailPort(cfg MailConfig) int {
	if cfg.Port != 0 {
		return cfg.Port
	}
	return map[string]int{config.MailStartTLS: 587, config.MailTLS: 465, config.MailPlain: 25}[cfg.TLS]
}

func mailTLS(cfg MailConfig) (*tls.Config, error) {
	out := &tls.Config{MinVersion: tls.VersionTLS12}
	if cfg.CA != "" {
		ca, err := tlsfile.ReadCA(cfg.CA)
		if err != nil {
			return nil, err
		}
		if out, err = tlsfile.Client(ca); err != nil {
			return nil, err
		}
	}
	out.ServerName = cfg.Host
	return out, nil
}

// Send has one conversation with the server: within the configured time it has
// taken the mail, or there is an error.
func (m *mailer) Send(ctx context.Context, e Envelope) (string, error) {
	message, err := m.message(e)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, m.cfg.Timeout)
	defer cancel()
	var line *boundLine
	client, err := m.client(func(context.Context, string, string) (net.Conn, error) { // its context ends with the login
		var conn net.Conn
		var err error
		line, conn, err = m.connect(ctx)
		return conn, err
	})
	if err != nil {
		return "", permanent("alerts.mail: %s", m.hide.line(err.Error()))
	}
	err = deliver(ctx, client, message)
	if line != nil {
		line.hangUp()
	}
	if message.IsDelivered() { // whatever came after it
		return m.hide.line("250 " + message.ServerResponse()), nil
	}
	return "", m.judge(ctx, line, err)
}

func (m *mailer) client(dial mail.DialContextFunc) (*mail.Client, error) {
	policy := mail.NoTLS
	if m.cfg.TLS == config.MailStartTLS {
		policy = mail.TLSMandatory
	}
	options := []mail.Option{
		mail.WithTLSPolicy(policy), mail.WithTLSConfig(m.tls), mail.WithTimeout(m.cfg.Timeout),
		mail.WithDialContextFunc(dial), mail.WithoutNoop(), mail.WithoutRset(),
	}
	if m.cfg.User != "" {
		options = append(options, mail.WithSMTPAuthCustom(&login{host: m.cfg.Host, how: m.cfg.Auth, user: m.cfg.User, password: m.password}))
	}
	return mail.NewClient(m.cfg.Host, options...)
}

// deliver says goodbye only where the server has taken the mail; that it does
// not answer then is no error.
func deliver(ctx context.Context, client *mail.Client, message *mail.Msg) error {
	session, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return err
	}
	if err := client.SendWithSMTPClient(session, message); err != nil {
		return err
	}
	quit(session)
	return nil
}

func quit(session *smtp.Client) {
	if session.UpdateDeadline(farewell) == nil {
		_ = session.Quit() // the mail is taken
	}
}
