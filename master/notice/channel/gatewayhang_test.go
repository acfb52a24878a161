package channel_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"capricornus/common/config"
	"capricornus/common/fault"
	"capricornus/master/notice/channel"
)

// TestAGatewayThatHangsIsLeftInTime lets a gateway stop at each step, or
// answer too late, under virtual time.
func TestAGatewayThatHangsIsLeftInTime(t *testing.T) {
	t.Parallel()
	const head = "HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n"
	for name, answer := range map[string]func(conn net.Conn){
		"WithoutReading":   func(net.Conn) {},
		"WithoutAnswering": func(conn net.Conn) { readCall(conn) },
		"InTheHead":        func(conn net.Conn) { readCall(conn); _, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nX-") },
		"InTheBody":        func(conn net.Conn) { readCall(conn); _, _ = io.WriteString(conn, head+`{"code": 0`) },
		"Dripping": func(conn net.Conn) {
			readCall(conn)
			_, _ = io.WriteString(conn, head)
			for range 40 {
				<-time.After(time.Second)
				if _, err := io.WriteString(conn, "x"); err != nil {
					return
				}
			}
		},
		"ASecondTooLate": func(conn net.Conn) {
			readCall(conn)
			<-time.After(11 * time.Second)
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				sender := overPipe(t, answer)
				began := time.Now()
				_, err := sender.Send(t.Context(), short())
				if took := time.Since(began); fault.CodeOf(err) != fault.Timeout || channel.Permanent(err) || took != 10*time.Second {
					t.Errorf("got %v after %s, want a passing error after 10s", err, took)
				}
				noCanary(t, describe(err))
			})
		})
	}
}

// TestAnAnswerWithoutEndIsNotReadToItsEnd has all it needs in the beginning.
func TestAnAnswerWithoutEndIsNotReadToItsEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sender := overPipe(t, func(conn net.Conn) {
			readCall(conn)
			_, err := io.WriteString(conn, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
			for err == nil {
				_, err = io.WriteString(conn, strings.Repeat(" ", 4096))
			}
		})
		began := time.Now()
		_, err := sender.Send(t.Context(), short())
		if took := time.Since(began); took != 0 || channel.Permanent(err) || !strings.Contains(describe(err), "more than 64 KiB") {
			t.Errorf("got %v after %s, want that it is too much", err, took)
		}
	})
}

func TestACallIsBrokenOffWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sender := overPipe(t, func(conn net.Conn) { readCall(conn) })
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		_, err := sender.Send(ctx, short())
		if channel.Permanent(err) || !strings.Contains(describe(err), "was broken off") {
			t.Errorf("got %v, want it broken off", err)
		}
	})
}

// overPipe is a gateway at the other end of a pipe.
func overPipe(t *testing.T, answer func(net.Conn)) channel.Sender {
	t.Helper()
	sender := gatewaySender(t, channel.GatewayConfig{
		URL: "http://sms.test/send?key=" + canary, Method: "POST", Body: `{"text": {{json .Text}}}`, Timeout: 10 * time.Second,
		Success: config.Success{Field: "code", Equals: "0"},
	})
	here, there := net.Pipe()
	ended := make(chan struct{})
	t.Cleanup(func() { <-ended })
	channel.OverHTTP(sender, func(context.Context, string, string) (net.Conn, error) {
		go func() {
			defer close(ended)
			answer(there)
			_, _ = io.Copy(io.Discard, there) // until the sender hangs up
			_ = there.Close()
		}()
		return here, nil
	})
	return sender
}

// readCall takes a whole call.
func readCall(conn net.Conn) {
	request, err := http.ReadRequest(bufio.NewReader(conn))
	if err == nil {
		_, _ = io.Copy(io.Discard, request.Body)
	}
}
