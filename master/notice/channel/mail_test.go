package channel_test

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"capricornus/common/config"
	"capricornus/common/fault"
	"capricornus/master/notice/channel"
	"capricornus/master/notice/text"
)

func letter() channel.Envelope {
	return channel.Envelope{
		Key: "msg-4711", Address: "lilei@example.com", Name: `李雷 "Li" <x>`, Lang: "zh", Level: "critical", References: "msg-1 msg-2",
		Text: text.Text{
			Subject: "[调度][严重][失败] dwd_order_d/20240613 · 影响41 · 值班主 #INC-2391 而且这个主题比一行信头更长",
			Plain:   "批次 20240613 失败\n.点开头的一行\n\n" + strings.Repeat("很长的一行", 300),
			HTML:    "<p>批次 <b>20240613</b> 失败</p>",
		},
	}
}

// sent sends and wants success.
func sent(t *testing.T, cfg channel.MailConfig, e channel.Envelope) string {
	t.Helper()
	sender, err := channel.NewMail(cfg)
	if err != nil {
		t.Fatal(err)
	}
	receipt, err := sender.Send(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	return receipt
}

// refused sends and wants a fault of which the next try may know.
func refused(t *testing.T, sender channel.Sender, e channel.Envelope, permanent bool, want string) {
	t.Helper()
	receipt, err := sender.Send(t.Context(), e)
	if err == nil {
		t.Fatalf("got receipt %q, want %s", receipt, want)
	}
	if channel.Permanent(err) != permanent || !strings.Contains(err.Error(), want) {
		t.Errorf("got permanent %v: %v\nwant %v: %s", channel.Permanent(err), err, permanent, want)
	}
	code := fault.CodeOf(err)
	if (code == fault.Invalid) != permanent || code == fault.Internal {
		t.Errorf("got code %s of %v", code, err)
	}
	noCanary(t, err.Error())
}

// noCanary wants that nothing like the secret is in a text.
func noCanary(t *testing.T, said string) {
	t.Helper()
	for _, leak := range []string{canary, base64.StdEncoding.EncodeToString([]byte(canary)), base64.StdEncoding.EncodeToString([]byte("\x00" + mailUser + "\x00" + canary))} {
		if strings.Contains(said, leak) {
			t.Errorf("got the secret in %q", said)
		}
	}
}

func mailSender(t *testing.T, cfg channel.MailConfig) channel.Sender {
	t.Helper()
	sender, err := channel.NewMail(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return sender
}

func TestAMailArrivesAsItWasWritten(t *testing.T) {
	t.Parallel()
	server := (&mailServer{}).start(t, way{})
	cfg := server.config()
	cfg.ReplyTo = "duty@example.com"
	receipt := sent(t, cfg, letter())
	mails := server.mails()
	if len(mails) != 1 || !strings.HasPrefix(receipt, "250 ") {
		t.Fatalf("got %d mails, receipt %q, want one and the server's answer", len(mails), receipt)
	}
	got, err := netmail.ReadMessage(strings.NewReader(mails[0].text))
	if err != nil {
		t.Fatal(err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(got.Header.Get("Subject"))
	if err != nil || subject != letter().Text.Subject {
		t.Errorf("got subject %q, %v", subject, err)
	}
	to, err := got.Header.AddressList("To")
	if err != nil || to[0].Address != "lilei@example.com" || to[0].Name != letter().Name {
		t.Errorf("got to %v, %v", to, err)
	}
	from, err := got.Header.AddressList("From")
	if err != nil || from[0].Name != "调度平台" || mails[0].from != "capri@example.com" {
		t.Errorf("got from %v, %v, envelope %s", from, err, mails[0].from)
	}
	for name, want := range map[string]string{
		"Message-Id": "<capri.msg-4711@example.com>", "X-Capri-Key": "msg-4711", "Auto-Submitted": "auto-generated",
		"References": "<capri.msg-1@example.com> <capri.msg-2@example.com>", "In-Reply-To": "<capri.msg-2@example.com>", "Reply-To": "<duty@example.com>",
	} {
		if value := got.Header.Get(name); value != want {
			t.Errorf("got %s %q, want %q", name, value, want)
		}
	}
	if _, err := got.Header.Date(); err != nil {
		t.Errorf("got date %q: %v", got.Header.Get("Date"), err)
	}
	parts := partsOf(t, got)
	if parts["text/plain"] != strings.ReplaceAll(letter().Text.Plain, "\n", "\r\n") && parts["text/plain"] != letter().Text.Plain {
		t.Errorf("got plain %q", parts["text/plain"])
	}
	if parts["text/html"] != letter().Text.HTML {
		t.Errorf("got HTML %q", parts["text/html"])
	}
}

// partsOf are the parts by their types, decoded.
func partsOf(t *testing.T, m *netmail.Message) map[string]string {
	t.Helper()
	kind, parameters, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("got %s, %v, want two alternatives", kind, err)
	}
	out := map[string]string{}
	for reader := multipart.NewReader(m.Body, parameters["boundary"]); ; {
		part, err := reader.NextRawPart()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		kind, _, _ := mime.ParseMediaType(part.Header.Get("Content-Type"))
		body, err := io.ReadAll(quotedprintable.NewReader(part))
		if err != nil {
			t.Fatal(err)
		}
		out[kind] = string(body)
	}
}

func TestHeadersTakeNoLineEnds(t *testing.T) {
	t.Parallel()
	server := (&mailServer{}).start(t, way{})
	e := letter()
	e.Key, e.Name, e.References = "k\r\nBcc: eve@example.com", "N\r\nBcc: eve@example.com", "a\r\nBcc:eve@example.com"
	e.Text = text.Text{Subject: "S\r\nBcc: eve@example.com", Plain: "only text"}
	sent(t, server.config(), e)
	got, err := netmail.ReadMessage(strings.NewReader(server.mails()[0].text))
	if err != nil || got.Header.Get("Bcc") != "" {
		t.Errorf("got Bcc %q, %v, want none", got.Header.Get("Bcc"), err)
	}
	if kind := got.Header.Get("Content-Type"); !strings.HasPrefix(kind, "text/plain") {
		t.Errorf("got %s, want text alone", kind)
	}
	sent(t, server.config(), e)
	again, _ := netmail.ReadMessage(strings.NewReader(server.mails()[1].text))
	if got.Header.Get("Message-Id") != again.Header.Get("Message-Id") || strings.Contains(got.Header.Get("Message-Id"), "eve") {
		t.Errorf("got ids %q and %q, want one of the key's", got.Header.Get("Message-Id"), again.Header.Get("Message-Id"))
	}
}

func TestMailIsEncryptedAndLoggedInAsConfigured(t *testing.T) {
	t.Parallel()
	ca, certificate := trusted(t, "127.0.0.1")
	for name, c := range map[string]struct {
		way                way
		tls, auth          string
		offered            []string
		wantWay, forbidden string
	}{
		"StartTLSByDefaultPicksPlain":   {way{certificate: certificate}, "starttls", "auto", []string{"LOGIN", "PLAIN", "CRAM-MD5"}, "PLAIN", ""},
		"StartTLSWithLogin":             {way{certificate: certificate}, "starttls", "login", []string{"LOGIN", "PLAIN"}, "LOGIN", ""},
		"StartTLSWhereLoginIsAllThatIs": {way{certificate: certificate}, "starttls", "auto", []string{"XOAUTH2", "LOGIN"}, "LOGIN", ""},
		"TLSFromTheFirstByte":           {way{certificate: certificate, implicit: true}, "tls", "auto", []string{"PLAIN"}, "PLAIN", ""},
		"TLSWithPlain":                  {way{certificate: certificate, implicit: true}, "tls", "plain", []string{"PLAIN", "LOGIN"}, "PLAIN", ""},
		"CramNeedsNoEncryption":         {way{}, "none", "cram", []string{"PLAIN", "CRAM-MD5"}, "CRAM-MD5", ""},
		"AutoWithoutEncryptionIsCram":   {way{}, "none", "auto", []string{"PLAIN", "LOGIN", "CRAM-MD5"}, "CRAM-MD5", ""},
		"PlainIsNotSentInClear":         {way{}, "none", "plain", []string{"PLAIN"}, "", "offers no way to log in"},
		"NothingThatIsOffered":          {way{certificate: certificate}, "starttls", "auto", []string{"XOAUTH2"}, "", "offers no way to log in"},
		"NoLoginOffered":                {way{certificate: certificate}, "starttls", "auto", nil, "", "offers no way to log in"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := (&mailServer{mechanisms: c.offered}).start(t, c.way)
			cfg := server.config()
			cfg.TLS, cfg.Auth, cfg.User, cfg.Password = c.tls, c.auth, mailUser, canary
			if c.way.certificate != nil {
				cfg.CA = ca
			}
			if c.forbidden != "" {
				refused(t, mailSender(t, cfg), letter(), true, c.forbidden)
				return
			}
			sent(t, cfg, letter())
			got := server.mails()[0]
			if got.mechanism != c.wantWay || got.encrypted != (c.way.certificate != nil) {
				t.Errorf("got %s, encrypted %v, want %s", got.mechanism, got.encrypted, c.wantWay)
			}
		})
	}
}

func TestAServerThatCannotBeTrustedGetsNothing(t *testing.T) {
	t.Parallel()
	ca, certificate := trusted(t, "127.0.0.1")
	_, ofOthers := trusted(t, "127.0.0.1")
	for name, c := range map[string]struct {
		way  way
		tls  string
		want string
	}{
		"NoStartTLS":            {way{}, "starttls", "offers no STARTTLS, and nothing was sent"},
		"AnothersAuthority":     {way{certificate: ofOthers}, "starttls", "could not be trusted: "},
		"AnothersAuthorityTLS":  {way{certificate: ofOthers, implicit: true}, "tls", "could not be trusted: "},
		"PlainWhereTLSIsWanted": {way{certificate: certificate}, "tls", "could not be trusted: "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := (&mailServer{mechanisms: []string{"PLAIN"}}).start(t, c.way)
			cfg := server.config()
			cfg.TLS, cfg.CA, cfg.User, cfg.Password = c.tls, ca, mailUser, canary
			refused(t, mailSender(t, cfg), letter(), false, c.want)
			if mails := server.mails(); len(mails) != 0 {
				t.Errorf("got %d mails, want none", len(mails))
			}
		})
	}
	t.Run("AnothersName", func(t *testing.T) {
		t.Parallel()
		ca, certificate := trusted(t, "mail.other.example")
		server := (&mailServer{}).start(t, way{certificate: certificate})
		cfg := server.config()
		cfg.TLS, cfg.CA = config.MailStartTLS, ca
		refused(t, mailSender(t, cfg), letter(), false, "could not be trusted: ")
	})
}

func TestRefusalsAreToldApart(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		server    *mailServer
		permanent bool
		want      string
	}{
		"SenderFor-ever":    {&mailServer{atMail: refuse(550, "who are you")}, true, "answered 550 5.1.1 who are you"},
		"SenderForNow":      {&mailServer{atMail: refuse(451, "greylisted")}, false, "answered 451 4.1.1 greylisted"},
		"RecipientFor-ever": {&mailServer{atRcpt: refuse(550, "no such user")}, true, "answered 550 5.1.1 no such user"},
		"RecipientForNow":   {&mailServer{atRcpt: refuse(450, "mailbox busy")}, false, "answered 450 4.1.1 mailbox busy"},
		"TextFor-ever":      {&mailServer{atData: refuse(554, "spam, affected by policy")}, true, "answered 554 5.1.1 spam, affected by policy"},
		"TextForNow":        {&mailServer{atData: refuse(452, "disk full")}, false, "answered 452 4.1.1 disk full"},
		"AfterTheTextNow":   {&mailServer{done: refuse(451, "try later")}, false, "answered 451 4.1.1 try later"},
		"AfterTheTextEver":  {&mailServer{done: refuse(550, "bad content")}, true, "answered 550 5.1.1 bad content"},
		"DroppedAfterText":  {&mailServer{dropAfterData: true}, false, "ended the connection before it had taken the mail"},
		"WithTheSecret":     {&mailServer{atRcpt: refuse(550, "I know "+canary+" and "+base64.StdEncoding.EncodeToString([]byte(canary)))}, true, "I know [redacted] and [redacted]"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.server.mechanisms = []string{"CRAM-MD5"}
			c.server.start(t, way{})
			cfg := c.server.config()
			cfg.User, cfg.Password, cfg.Auth = mailUser, canary, "cram"
			refused(t, mailSender(t, cfg), letter(), c.permanent, c.want)
		})
	}
}

func TestAWrongPasswordIsPermanent(t *testing.T) {
	t.Parallel()
	for _, mechanism := range []string{"PLAIN", "LOGIN", "CRAM-MD5"} {
		t.Run(mechanism, func(t *testing.T) {
			t.Parallel()
			ca, certificate := trusted(t, "127.0.0.1")
			server := (&mailServer{mechanisms: []string{mechanism}}).start(t, way{certificate: certificate})
			cfg := server.config()
			cfg.TLS, cfg.CA, cfg.User, cfg.Password = config.MailStartTLS, ca, "somebody", canary
			refused(t, mailSender(t, cfg), letter(), true, "answered 535 5.7.8 Authentication failed")
		})
	}
}

func TestBadAddressesReachNoServer(t *testing.T) {
	t.Parallel()
	sender := mailSender(t, channel.MailConfig{Host: "127.0.0.1", Port: 1, TLS: "none", From: "a@b.c", Timeout: time.Second})
	for _, address := range []string{"", "lilei", "a@b, c@d", "Li <a@b>", "a@b\r\nRCPT TO:<eve@b>", "a b@c"} {
		e := letter()
		e.Address = address
		refused(t, sender, e, true, "is not a mail address")
	}
}

func TestAServerThatIsAway(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	host, port := hostPort(t, listener.Addr().String())
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	cfg := channel.MailConfig{Host: host, Port: port, TLS: "none", From: "a@b.c", Timeout: 20 * time.Second}
	refused(t, mailSender(t, cfg), letter(), false, "cannot be reached: connect: connection refused")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := mailSender(t, cfg).Send(ctx, letter()); channel.Permanent(err) || fault.CodeOf(err) != fault.Timeout {
		t.Errorf("got %v, want that it was broken off", err)
	}
}

func TestMailConfigurationsThatCannotWork(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	open := filepath.Join(dir, "open")
	if err := os.WriteFile(open, []byte(canary), 0o644); err != nil {
		t.Fatal(err)
	}
	for want, cfg := range map[string]channel.MailConfig{
		"alerts.mail.from: ":                            {Host: "h", From: "nobody"},
		"alerts.mail.reply_to: ":                        {Host: "h", From: "a@b.c", ReplyTo: "nobody"},
		"alerts.mail.password_file: secret file " + dir: {Host: "h", From: "a@b.c", User: "u", PasswordFile: filepath.Join(dir, "none")},
		"can be read by everybody":                      {Host: "h", From: "a@b.c", User: "u", PasswordFile: open},
		"alerts.mail.ca: ":                              {Host: "h", From: "a@b.c", CA: open},
	} {
		_, err := channel.NewMail(cfg)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		} else {
			noCanary(t, err.Error())
		}
	}
}
