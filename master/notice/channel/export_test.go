package channel

import (
	"context"
	"net"
)

// OverLine makes a mail sender dial as a test wants.
func OverLine(s Sender, dial func(ctx context.Context, network, address string) (net.Conn, error)) Sender {
	s.(*mailer).dial = dial
	return s
}
