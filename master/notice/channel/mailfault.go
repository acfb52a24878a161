package channel

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/textproto"
	"os"
	"strconv"
	"strings"
	"syscall"

	"github.com/wneessen/go-mail"

	"capricornus/common/fault"
)

// judge makes a fault of what went wrong with a mail. The server's own 5xx is
// permanent; all else, the connection's end after the mail included, may pass.
func (m *mailer) judge(ctx context.Context, line *boundLine, err error) error {
	if code, said := answerOf(err); code != 0 {
		said = m.hide.line(said)
		if code >= 500 {
			return permanent("mail server %s answered %d %s", m.address, code, said)
		}
		return passing("mail server %s answered %d %s", m.address, code, said)
	}
	cause := err
	if line != nil {
		if trouble := line.firstTrouble(); trouble != nil {
			cause = trouble
		}
	}
	switch {
	case errors.Is(err, errNoLogin):
		return permanent("mail server %s offers no way to log in that alerts.mail.auth and tls allow", m.address)
	case errors.Is(ctx.Err(), context.Canceled):
		return late("sending by mail server %s was broken off", m.address)
	case ctx.Err() != nil, errors.Is(cause, os.ErrDeadlineExceeded), errors.Is(cause, context.DeadlineExceeded):
		return late("mail server %s did not take the mail within %s", m.address, m.cfg.Timeout)
	}
	return m.judgeLine(cause, err)
}

func (m *mailer) judgeLine(cause, err error) error {
	if isTLS(err) {
		return passing("mail server %s could not be trusted: %s", m.address, m.hide.line(err.Error()))
	}
	if dial, ok := errors.AsType[*net.OpError](cause); ok && dial.Op == "dial" {
		return passing("mail server %s cannot be reached: %s", m.address, m.hide.line(dial.Err.Error()))
	}
	if _, ok := errors.AsType[*net.DNSError](cause); ok {
		return passing("mail server %s has no address", m.address)
	}
	if errors.Is(cause, errTalks) {
		return passing("mail server %s did not take the mail: %s", m.address, errTalks)
	}
	if errors.Is(cause, io.EOF) || errors.Is(cause, syscall.ECONNRESET) || errors.Is(cause, syscall.EPIPE) {
		return passing("mail server %s ended the connection before it had taken the mail", m.address)
	}
	if strings.Contains(err.Error(), "does not support STARTTLS") {
		return passing("mail server %s does not encrypt: it offers no STARTTLS, and nothing was sent", m.address)
	}
	return passing("mail server %s did not take the mail: %s", m.address, m.hide.line(err.Error()))
}

// answerOf is what the server said instead of yes, and its code; 0: it said nothing.
func answerOf(err error) (int, string) {
	if sent, ok := errors.AsType[*mail.SendError](err); ok {
		return sent.ErrorCode(), saidBy(sent)
	}
	if reply, ok := errors.AsType[*textproto.Error](err); ok {
		return reply.Code, reply.Msg
	}
	return 0, ""
}

// saidBy is the server's text in an error of the mail library, which keeps it
// nowhere but in its own: between what was done and whom it was for, quoted by
// some versions of Go.
func saidBy(sent *mail.SendError) string {
	said := strings.TrimPrefix(sent.Error(), sent.Reason.String()+": ")
	said = strings.TrimPrefix(said, strconv.Itoa(sent.ErrorCode())+" ")
	if quoted, err := strconv.QuotedPrefix(said); err == nil {
		if plain, err := strconv.Unquote(quoted); err == nil {
			return plain
		}
	}
	said, _, _ = strings.Cut(said, ", affected ")
	return said
}

func isTLS(err error) bool {
	_, certificate := errors.AsType[*tls.CertificateVerificationError](err)
	_, authority := errors.AsType[x509.UnknownAuthorityError](err)
	_, host := errors.AsType[x509.HostnameError](err)
	_, record := errors.AsType[tls.RecordHeaderError](err)
	_, alert := errors.AsType[tls.AlertError](err)
	return certificate || authority || host || record || alert
}

// at puts the key of a configuration before what is wrong with its value.
func at(path string, err error) error {
	if f, ok := errors.AsType[*fault.Error](err); ok {
		return fault.Wrap(f.Code, err, "%s: %s", path, f.Error())
	}
	return fault.Wrap(fault.Invalid, err, "%s: %s", path, err)
}
