package channel

import (
	"errors"
	"slices"
	"strings"

	"github.com/wneessen/go-mail/smtp"

	"capricornus/common/config"
)

// errNoLogin says that a server offers no way to log in that is allowed here.
var errNoLogin = errors.New("no way to log in")

// login logs in by the best way that the server offers, or by the one that is
// configured; a password never goes readable over an unencrypted connection.
type login struct {
	host, how, user string
	password        config.Secret
	chosen          smtp.Auth
}

// Start chooses.
func (l *login) Start(server *smtp.ServerInfo) (string, []byte, error) {
	for _, way := range l.ways() {
		offered := slices.ContainsFunc(server.Auth, func(name string) bool { return strings.EqualFold(name, way.name) })
		if offered && (server.TLS || way.hides) {
			l.chosen = way.make()
			return l.chosen.Start(server)
		}
	}
	return "", nil, errNoLogin
}

// Next goes on with what was chosen.
func (l *login) Next(fromServer []byte, more bool) ([]byte, error) {
	return l.chosen.Next(fromServer, more)
}

// wayIn is a mechanism of SMTP's AUTH.
type wayIn struct {
	name  string
	hides bool // the password, without any encryption
	make  func() smtp.Auth
}

func (l *login) ways() []wayIn {
	password := l.password.Reveal()
	plain := wayIn{"PLAIN", false, func() smtp.Auth { return smtp.PlainAuth("", l.user, password, l.host, false) }}
	login := wayIn{"LOGIN", false, func() smtp.Auth { return smtp.LoginAuth(l.user, password, l.host, false) }}
	cram := wayIn{"CRAM-MD5", true, func() smtp.Auth { return smtp.CRAMMD5Auth(l.user, password) }}
	switch l.how {
	case "plain":
		return []wayIn{plain}
	case "login":
		return []wayIn{login}
	case "cram":
		return []wayIn{cram}
	}
	return []wayIn{
		{"SCRAM-SHA-256", true, func() smtp.Auth { return smtp.ScramSHA256Auth(l.user, password) }},
		{"SCRAM-SHA-1", true, func() smtp.Auth { return smtp.ScramSHA1Auth(l.user, password) }},
		plain, login, cram,
	}
}
