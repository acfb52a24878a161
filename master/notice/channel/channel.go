package channel

import (
	"context"
	"errors"
	"time"

	"capricornus/common/config"
	"capricornus/common/fault"
	"capricornus/master/notice/text"
)

// MailConfig is alerts.mail of the masters' files.
type MailConfig = config.Mail

// GatewayConfig is alerts.sms or alerts.phone of the masters' files.
type GatewayConfig = config.Gateway

// WebhookConfig is alerts.webhooks.NAME of the masters' files.
type WebhookConfig = config.Webhook

// Envelope is a message with whom it is for.
type Envelope struct {
	Key     string // of the message, the same for every try
	Address string // a mail address or a number; webhooks have none
	Name    string // of the person; empty where the address is nobody's
	Lang    string // zh | en
	Level   string // critical | important | notice | task
	Text    text.Text

	// References are the keys of earlier messages to the same address, the
	// oldest first, separated by blanks; mail clients show them as one thread.
	References string
}

// Sender tries once to send a message. The receipt is what the other side
// answered, on one line. Errors are faults: Permanent and RetryAfter read them.
type Sender interface {
	Send(ctx context.Context, e Envelope) (receipt string, err error)
}

// verdict is what an error means for the next try.
type verdict struct {
	permanent bool
	after     time.Duration
}

// Error names the verdict, for logs.
func (v *verdict) Error() string {
	if v.permanent {
		return "another try is useless"
	}
	return "another try may succeed"
}

// passing is an error that another try may not meet.
func passing(format string, args ...any) *fault.Error {
	return fault.Wrap(fault.Unavailable, &verdict{}, format, args...)
}

// permanent is an error that every try would meet.
func permanent(format string, args ...any) *fault.Error {
	return fault.Wrap(fault.Invalid, &verdict{permanent: true}, format, args...)
}

// late is a passing error: the time for a try was over.
func late(format string, args ...any) *fault.Error {
	return fault.Wrap(fault.Timeout, &verdict{}, format, args...)
}

// Permanent says that every further try would fail, too.
func Permanent(err error) bool {
	v, ok := errors.AsType[*verdict](err)
	return ok && v.permanent
}

// RetryAfter is how long the other side asked to be left alone; 0: it did not.
func RetryAfter(err error) time.Duration {
	if v, ok := errors.AsType[*verdict](err); ok {
		return v.after
	}
	return 0
}
