// Package channeltest has what messages are sent to in tests: a real mail server
// and HTTP gateways whose answers a test decides.
package channeltest

import (
	"fmt"
	"io"
	"net"
	netmail "net/mail"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"capricornus/common/config"
	"capricornus/master/notice/channel"
)

// MailServer is a real SMTP server. It refuses mails as it was told to, in
// order, and takes all others.
type MailServer struct {
	host string
	port int

	mu       sync.Mutex
	refusals []error
	tried    []Mail // all that were shown to it
	taken    []Mail
}

// Mail is one that a server got.
type Mail struct {
	To, ID, Key, References, Subject string
	Text                             string // as it came, headers included
}

// NewMailServer listens until the test is over.
func NewMailServer(t testing.TB) *MailServer {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // a test's
	if err != nil {
		t.Fatal(err)
	}
	s := &MailServer{}
	host, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if s.port, err = strconv.Atoi(port); err != nil {
		t.Fatal(err)
	}
	s.host = host
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &session{server: s}, nil }))
	server.Domain, server.ErrorLog = "mail.test", quiet{}
	server.ReadTimeout, server.WriteTimeout = time.Minute, time.Minute
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	t.Cleanup(func() {
		_ = server.Close()
		t.Logf("the mail server ended: %v", <-served)
	})
	return s
}

// Refuse answers the next mails with codes, one each: 450 for now, 550 for ever.
func (s *MailServer) Refuse(codes ...int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, code := range codes {
		s.refusals = append(s.refusals, &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 1, 1}, Message: fmt.Sprintf("refused with %d", code)})
	}
}

// Tried are all mails that were shown to the server, Taken those that it took.
func (s *MailServer) Tried() []Mail { return s.copyOf(&s.tried) }

// Taken are the mails that the server took.
func (s *MailServer) Taken() []Mail { return s.copyOf(&s.taken) }

func (s *MailServer) copyOf(all *[]Mail) []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Mail(nil), *all...)
}

// Config is what a sender needs to talk to the server.
func (s *MailServer) Config() config.Mail {
	return config.Mail{Host: s.host, Port: s.port, TLS: config.MailPlain, Auth: "auto", From: "capri@example.com", Timeout: 20 * time.Second}
}

// Sender sends to the server.
func (s *MailServer) Sender(t testing.TB) channel.Sender {
	t.Helper()
	sender, err := channel.NewMail(s.Config())
	if err != nil {
		t.Fatal(err)
	}
	return sender
}

// take judges a mail as a whole.
func (s *MailServer) take(m Mail) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tried = append(s.tried, m)
	if len(s.refusals) > 0 {
		err := s.refusals[0]
		s.refusals = s.refusals[1:]
		return err
	}
	s.taken = append(s.taken, m)
	return nil
}

type session struct {
	server *MailServer
	to     string
}

func (s *session) Mail(string, *smtp.MailOptions) error { return nil }

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = to
	return nil
}

func (s *session) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	m := Mail{To: s.to, Text: string(text)}
	if parsed, err := netmail.ReadMessage(strings.NewReader(m.Text)); err == nil {
		m.ID, m.Key, m.References, m.Subject = parsed.Header.Get("Message-ID"), parsed.Header.Get("X-Capri-Key"), parsed.Header.Get("References"), parsed.Header.Get("Subject")
	}
	return s.server.take(m)
}

func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }

// quiet is a log that nobody reads.
type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}
