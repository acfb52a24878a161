package labtest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
)

// given are the ports that this process has given away: nobody may be
// listening on one yet.
var given sync.Map //nolint:gochecknoglobals // it is the process that must not give one twice

// FreePort finds a port of the loopback to listen on, another one each time.
// Those from 32768 on are given to outgoing connections, so a server that
// starts again might find its own taken.
func FreePort(t T) int {
	t.Helper()
	for range 500 {
		port := 20000 + rand.IntN(12000) //nolint:gosec // any will do
		if _, taken := given.LoadOrStore(port, true); taken {
			continue
		}
		listener, err := (&net.ListenConfig{}).Listen(context.WithoutCancel(t.Context()), "tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			_ = listener.Close()
			return port
		}
	}
	t.Fatalf("found no free port between 20000 and 32000")
	return 0
}
