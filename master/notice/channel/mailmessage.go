package channel

import (
	"crypto/sha256"
	"encoding/hex"
	netmail "net/mail"
	"regexp"
	"strings"

	"github.com/wneessen/go-mail"
)

// message writes the mail. An address that is none is a permanent error.
func (m *mailer) message(e Envelope) (*mail.Msg, error) {
	to, err := netmail.ParseAddress(e.Address)
	if err != nil || to.Address != e.Address {
		return nil, permanent("%q is not a mail address", cut(e.Address, longestAnswer))
	}
	to.Name = e.Name
	message := mail.NewMsg(mail.WithNoDefaultUserAgent())
	message.FromMailAddress(m.from)
	message.ToMailAddress(to)
	if m.replyTo != nil {
		message.ReplyToMailAddress(m.replyTo)
	}
	message.Subject(oneLine(e))
	message.SetDate()
	message.SetMessageIDWithValue(m.messageID(e.Key))
	if threads := m.threads(e.References); threads != "" {
		message.SetGenHeader(mail.HeaderReferences, threads)
		message.SetGenHeader(mail.HeaderInReplyTo, threads[strings.LastIndexByte(threads, '<'):])
	}
	message.SetGenHeader("X-Capri-Key", e.Key)
	message.SetGenHeader("Auto-Submitted", "auto-generated")
	message.SetBodyString(mail.TypeTextPlain, e.Text.Plain)
	if e.Text.HTML != "" {
		message.AddAlternativeString(mail.TypeTextHTML, e.Text.HTML)
	}
	return message, nil
}

// oneLine is the subject, or the first line where there is none.
func oneLine(e Envelope) string {
	subject := e.Text.Subject
	if subject == "" {
		subject, _, _ = strings.Cut(strings.TrimSpace(e.Text.Plain), "\n")
	}
	return strings.Join(strings.Fields(subject), " ")
}

var plainKey = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*$`)

// messageID is the same for every try of a message, so that mail systems can
// tell a second copy, and replies and threads find the first.
func (m *mailer) messageID(key string) string {
	name := key
	if !plainKey.MatchString(key) || len(key) > 120 {
		sum := sha256.Sum256([]byte(key))
		name = hex.EncodeToString(sum[:16])
	}
	_, domain, _ := strings.Cut(m.from.Address, "@")
	return "capri." + name + "@" + domain
}

// threads are the message ids of earlier keys.
func (m *mailer) threads(references string) string {
	keys := strings.Fields(references)
	ids := make([]string, len(keys))
	for i, key := range keys {
		ids[i] = "<" + m.messageID(key) + ">"
	}
	return strings.Join(ids, " ")
}
