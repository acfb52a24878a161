package channel

import (
	"context"
	"net"
	"net/http"
	"time"

	"capricornus/common/config"
)

// OverLine makes a mail sender dial as a test wants.
func OverLine(s Sender, dial func(ctx context.Context, network, address string) (net.Conn, error)) Sender {
	s.(*mailer).dial = dial
	return s
}

// OverHTTP makes a gateway or webhook dial as a test wants.
func OverHTTP(s Sender, dial func(ctx context.Context, network, address string) (net.Conn, error)) Sender {
	c := callerOf(s)
	c.client.Transport.(*http.Transport).DialContext = dial
	return s
}

func callerOf(s Sender) *caller {
	if g, ok := s.(*gateway); ok {
		return g.caller
	}
	return s.(*chat).caller
}

// PauseOf reads Retry-After.
func PauseOf(text string, now time.Time) time.Duration { return pauseOf(text, now) }

// Judge is what an answer to a gateway means, without a gateway.
func Judge(cfg GatewayConfig, status int, body string, secret config.Secret) (string, error) {
	read := []byte(body)
	return rulesOf(&cfg).of("gateway", reply{status: status, body: read[:min(len(read), longestReply)], cut: len(read) > longestReply}, newHider(secret))
}
