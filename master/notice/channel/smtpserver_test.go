package channel_test

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/tls"
	"encoding/hex"
	"io"
	"net"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"capricornus/common/config"
	"capricornus/common/tlsfile/tlstest"
	"capricornus/master/notice/channel"
)

const (
	canary   = "canary-7f3a-mail"
	mailUser = "capri@example.com"
)

// received is a mail as the server got it.
type received struct {
	from, to, text string
	mechanism      string // by which its sender logged in
	encrypted      bool
}

// mailServer is a real SMTP server whose answers a test decides.
type mailServer struct {
	mechanisms                   []string
	atMail, atRcpt, atData, done error
	dropAfterData                bool

	mu   sync.Mutex
	got  []received
	host string
	port int
}

func (s *mailServer) mails() []received {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]received(nil), s.got...)
}

// way is how a server encrypts.
type way struct {
	implicit    bool // TLS from the first byte
	certificate *tls.Certificate
}

// start listens until the test is over.
func (s *mailServer) start(t *testing.T, w way) *mailServer {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) { return &mailSession{server: s, conn: c}, nil }))
	server.Domain, server.AllowInsecureAuth, server.ErrorLog = "mail.test", true, silent{}
	server.ReadTimeout, server.WriteTimeout = time.Minute, time.Minute
	if w.certificate != nil {
		settings := &tls.Config{Certificates: []tls.Certificate{*w.certificate}, MinVersion: tls.VersionTLS12}
		if w.implicit {
			listener = tls.NewListener(listener, settings)
		} else {
			server.TLSConfig = settings
		}
	}
	s.host, s.port = hostPort(t, listener.Addr().String())
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	t.Cleanup(func() {
		_ = server.Close()
		err := <-served
		t.Logf("the mail server ended: %v", err)
	})
	return s
}

func hostPort(t *testing.T, address string) (string, int) {
	t.Helper()
	host, text, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return host, port
}

// trusted makes an authority and a certificate of hosts that it signs.
func trusted(t *testing.T, hosts ...string) (ca string, certificate *tls.Certificate) {
	t.Helper()
	authority := tlstest.New(t, t.TempDir(), "ca")
	pair, err := tls.LoadX509KeyPair(authority.Issue("mail", tlstest.Form{Hosts: hosts}))
	if err != nil {
		t.Fatal(err)
	}
	return authority.File, &pair
}

// config is what a sender needs to talk to the server in plain text.
func (s *mailServer) config() channel.MailConfig {
	return channel.MailConfig{
		Host: s.host, Port: s.port, TLS: config.MailPlain, Auth: "auto", From: "调度平台 <capri@example.com>", Timeout: 20 * time.Second,
	}
}

type mailSession struct {
	server    *mailServer
	conn      *smtp.Conn
	mail      received
	mechanism string
}

func (s *mailSession) AuthMechanisms() []string { return s.server.mechanisms }

func (s *mailSession) Auth(mechanism string) (sasl.Server, error) {
	right := func(user, password string) error {
		if user != mailUser || password != canary {
			return smtp.ErrAuthFailed
		}
		s.mechanism = mechanism
		return nil
	}
	switch mechanism {
	case "PLAIN":
		return sasl.NewPlainServer(func(_, user, password string) error { return right(user, password) }), nil
	case "LOGIN":
		return &loginServer{right: right}, nil
	case "CRAM-MD5":
		return &cramServer{right: func() { s.mechanism = mechanism }}, nil
	}
	return nil, smtp.ErrAuthUnknownMechanism
}

func (s *mailSession) Mail(from string, _ *smtp.MailOptions) error {
	s.mail.from = from
	return s.server.atMail
}

func (s *mailSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.mail.to = to
	return s.server.atRcpt
}

func (s *mailSession) Data(r io.Reader) error {
	if s.server.atData != nil {
		return s.server.atData
	}
	text, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.mail.text, s.mail.mechanism = string(text), s.mechanism
	_, s.mail.encrypted = s.conn.TLSConnectionState()
	s.server.mu.Lock()
	s.server.got = append(s.server.got, s.mail)
	s.server.mu.Unlock()
	if s.server.dropAfterData {
		return s.conn.Conn().Close()
	}
	return s.server.done
}

func (s *mailSession) Reset()        {}
func (s *mailSession) Logout() error { return nil }

// loginServer asks for a name, then for a password.
type loginServer struct {
	right func(user, password string) error
	step  int
	user  string
}

func (l *loginServer) Next(response []byte) ([]byte, bool, error) {
	l.step++
	switch l.step {
	case 1:
		return []byte("Username:"), false, nil
	case 2:
		l.user = string(response)
		return []byte("Password:"), false, nil
	}
	return nil, true, l.right(l.user, string(response))
}

// cramServer asks a riddle that only whoever knows the password can answer.
type cramServer struct {
	right func()
	step  int
}

func (c *cramServer) Next(response []byte) ([]byte, bool, error) {
	const riddle = "<17.42@mail.test>"
	c.step++
	if c.step == 1 {
		return []byte(riddle), false, nil
	}
	mac := hmac.New(md5.New, []byte(canary))
	mac.Write([]byte(riddle))
	if string(response) != mailUser+" "+hex.EncodeToString(mac.Sum(nil)) {
		return nil, false, smtp.ErrAuthFailed
	}
	c.right()
	return nil, true, nil
}

// silent is a log that nobody reads.
type silent struct{}

func (silent) Printf(string, ...any) {}
func (silent) Println(...any)        {}

func refuse(code int, text string) error {
	return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 1, 1}, Message: text}
}

func describe(err error) string {
	if err == nil {
		return "no error"
	}
	return err.Error()
}
