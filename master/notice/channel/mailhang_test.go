package channel_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"capricornus/common/config"
	"capricornus/common/fault"
	"capricornus/master/notice/channel"
)

// step is a line of a scripted server: what it waits for and what it answers.
type step struct {
	wants, answer string
	after         time.Duration
}

func script() []step {
	return []step{
		{wants: "", answer: "220 mail.test"},
		{wants: "EHLO", answer: "250-mail.test\r\n250 AUTH PLAIN LOGIN CRAM-MD5"},
		{wants: "AUTH CRAM-MD5", answer: "334 PDE3LjQyQG1haWwudGVzdD4="},
		{wants: "", answer: "235 ok"},
		{wants: "MAIL FROM", answer: "250 ok"},
		{wants: "RCPT TO", answer: "250 ok"},
		{wants: "DATA", answer: "354 go on"},
		{wants: ".\r\n", answer: "250 2.0.0 queued as 42"},
		{wants: "QUIT", answer: "221 bye"},
	}
}

// play answers the steps and returns the connection's end. After the last step
// it does what it is told: nothing, for ever.
func play(conn net.Conn, steps []step, then func(net.Conn)) {
	lines := bufio.NewReader(conn)
	for i, s := range steps {
		for said := ""; i > 0 && (said == "" || !strings.HasPrefix(said, s.wants)); {
			var err error
			if said, err = lines.ReadString('\n'); err != nil {
				return
			}
		}
		<-time.After(s.after)
		if _, err := io.WriteString(conn, s.answer+"\r\n"); err != nil {
			return
		}
	}
	then(conn)
}

// talk sends one mail to a scripted server under virtual time, and says how
// long it took.
func talk(t *testing.T, steps []step, then func(net.Conn)) (receipt string, took time.Duration, err error) {
	t.Helper()
	sender := mailSender(t, channel.MailConfig{
		Host: "mail.test", TLS: config.MailPlain, Auth: "cram", User: mailUser, Password: canary, From: "capri@example.com", Timeout: 30 * time.Second,
	})
	return talkTo(t, sender, steps, then)
}

func talkTo(t *testing.T, sender channel.Sender, steps []step, then func(net.Conn)) (receipt string, took time.Duration, err error) {
	t.Helper()
	here, there := net.Pipe()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		play(there, steps, then)
		_, _ = io.Copy(io.Discard, there) // until the sender hangs up
		_ = there.Close()
	}()
	channel.OverLine(sender, func(context.Context, string, string) (net.Conn, error) { return here, nil })
	began := time.Now()
	receipt, err = sender.Send(t.Context(), letter())
	took = time.Since(began)
	<-ended
	return receipt, took, err
}

// TestASilentServerIsLeftInTime stops answering at each step of a conversation.
func TestASilentServerIsLeftInTime(t *testing.T) {
	t.Parallel()
	for silentAt := range len(script()) - 1 {
		name := "Greeting"
		if silentAt > 0 {
			name = strings.ReplaceAll(strings.TrimSpace(script()[silentAt].wants), " ", "")
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				_, took, err := talk(t, script()[:silentAt], func(net.Conn) {})
				if fault.CodeOf(err) != fault.Timeout || channel.Permanent(err) || took != 30*time.Second {
					t.Errorf("got %v after %s, want a passing error after 30s", err, took)
				}
				noCanary(t, err.Error())
			})
		})
	}
}

// TestASlowServerHasItsTimeOnce is slow at each step, but not too slow for any.
func TestASlowServerHasItsTimeOnce(t *testing.T) {
	t.Parallel()
	for pause, want := range map[time.Duration]time.Duration{3 * time.Second: 26 * time.Second, 4 * time.Second: 30 * time.Second, 9 * time.Second: 30 * time.Second} {
		t.Run(pause.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				steps := script()
				for i := range steps {
					steps[i].after = pause
				}
				_, took, err := talk(t, steps, func(net.Conn) {})
				if took != want || (err == nil) != (pause == 3*time.Second) {
					t.Errorf("got %v after %s, want %s", err, took, want)
				}
			})
		})
	}
}

// TestAServerThatDripsIsLeftInTime sends a byte of its answer every few
// seconds, which no time limit of a single read would notice.
func TestAServerThatDripsIsLeftInTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, took, err := talk(t, script()[:1], func(conn net.Conn) {
			go func() { _, _ = io.Copy(io.Discard, conn) }()
			for range 100 {
				if _, err := io.WriteString(conn, "2"); err != nil {
					return
				}
				<-time.After(5 * time.Second)
			}
		})
		if fault.CodeOf(err) != fault.Timeout || took != 30*time.Second {
			t.Errorf("got %v after %s, want a passing error after 30s", err, took)
		}
	})
}

// TestAServerThatNeverShakesHandsIsLeftInTime stops before TLS begins.
func TestAServerThatNeverShakesHandsIsLeftInTime(t *testing.T) {
	t.Parallel()
	for way, steps := range map[string][]step{
		config.MailTLS:      nil,
		config.MailStartTLS: {{wants: "", answer: "220 mail.test"}, {wants: "EHLO", answer: "250-mail.test\r\n250 STARTTLS"}, {wants: "STARTTLS", answer: "220 go on"}},
	} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				sender := mailSender(t, channel.MailConfig{Host: "mail.test", TLS: way, From: "capri@example.com", Timeout: 30 * time.Second})
				_, took, err := talkTo(t, sender, steps, func(net.Conn) {})
				if fault.CodeOf(err) != fault.Timeout || channel.Permanent(err) || took != 30*time.Second {
					t.Errorf("got %v after %s, want a passing error after 30s", err, took)
				}
			})
		})
	}
}

func TestAServerThatTalksWithoutEndIsLeft(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, took, err := talk(t, script()[:0], func(conn net.Conn) {
			for {
				if _, err := io.WriteString(conn, strings.Repeat("2", 4096)); err != nil {
					return
				}
			}
		})
		if channel.Permanent(err) || took != 0 || !strings.Contains(describe(err), "it talks without end") {
			t.Errorf("got %v after %s, want that it talks without end", err, took)
		}
	})
}

func TestAMailThatIsTakenIsSentWhateverFollows(t *testing.T) {
	t.Parallel()
	steps := script()
	for name, c := range map[string]struct {
		steps []step
		atMax time.Duration
	}{
		"AGoodbye":             {steps, 0},
		"SilenceAfterTheQuit":  {steps[:len(steps)-1], 2 * time.Second},
		"AnInsultAfterTheQuit": {append(steps[:len(steps)-1:len(steps)-1], step{wants: "QUIT", answer: "550 never"}), 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				receipt, took, err := talk(t, c.steps, func(net.Conn) {})
				if err != nil || receipt != "250 2.0.0 queued as 42" || took > c.atMax {
					t.Errorf("got %q, %v after %s, want the receipt within %s", receipt, err, took, c.atMax)
				}
			})
		})
	}
}

func TestRefusalsBeforeTheMail(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		at        int
		answer    string
		permanent bool
		want      string
	}{
		"AGreetingForNow":  {0, "421 too busy", false, "answered 421 too busy"},
		"AGreetingForEver": {0, "554 no service", true, "answered 554 no service"},
		"AHelloForEver":    {1, "550 not you", true, "answered 550 not you"},
		"ALoginForNow":     {2, "454 later", false, "answered 454 later"},
		"ALoginForEver":    {3, "535 " + canary, true, "answered 535 [redacted]"},
		"ManyLines":        {4, "550-first\r\n550 second\x1b[31m", true, "answered 550 first second [31m"},
		"Nonsense":         {0, "hello there", false, "did not take the mail"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				steps := script()[:c.at+1]
				steps[c.at].answer = c.answer
				if c.at == 1 {
					steps = append(steps, step{wants: "HELO", answer: c.answer})
				}
				_, _, err := talk(t, steps, func(conn net.Conn) { _ = conn.Close() })
				if err == nil || channel.Permanent(err) != c.permanent || !strings.Contains(err.Error(), c.want) {
					t.Errorf("got permanent %v: %v, want %v: %s", channel.Permanent(err), err, c.permanent, c.want)
				}
				noCanary(t, describe(err))
			})
		})
	}
}

func TestAMailIsBrokenOffWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sender := mailSender(t, channel.MailConfig{Host: "mail.test", TLS: config.MailPlain, From: "capri@example.com", Timeout: 30 * time.Second})
		here, there := net.Pipe()
		defer func() { _ = there.Close() }()
		channel.OverLine(sender, func(context.Context, string, string) (net.Conn, error) { return here, nil })
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(3*time.Second, cancel)
		began := time.Now()
		_, err := sender.Send(ctx, letter())
		if took := time.Since(began); took != 3*time.Second || channel.Permanent(err) || !strings.Contains(describe(err), "was broken off") {
			t.Errorf("got %v after %s, want it broken off after 3s", err, took)
		}
	})
}
