package channel

import (
	"time"

	"capricornus/master/notice/rule"
)

// aMoment is how long a sender takes at most that names no time of its own.
const aMoment = 5 * time.Second

// Longest is how long one try of a sender takes at most.
func Longest(s Sender) time.Duration {
	if bounded, ok := s.(interface{ Longest() time.Duration }); ok {
		return bounded.Longest()
	}
	return aMoment
}

// Longest is how long a mail takes at most.
func (m *mailer) Longest() time.Duration { return m.cfg.Timeout + farewell }

// Longest is how long a call takes at most.
func (g *gateway) Longest() time.Duration { return g.caller.timeout }

// Longest is how long a call takes at most.
func (c *chat) Longest() time.Duration { return c.caller.timeout }

// None says that nothing at all is configured.
func (s *Senders) None() bool {
	return s.Mail == nil && s.SMS == nil && s.Phone == nil && len(s.Webhooks) == 0 && s.File == nil
}

// For is who sends on a channel, of webhooks the one of that name, and who gets
// a copy of what was sent; nil: nobody. A file takes calls, short messages and
// mail that no channel of their own is configured for.
func (s *Senders) For(c rule.Channel, webhook string) (sender, copied Sender) {
	switch c {
	case rule.Phone:
		sender = s.Phone
	case rule.SMS:
		sender = s.SMS
	case rule.Mail:
		sender = s.Mail
	case rule.Webhook:
		for _, h := range s.Webhooks {
			if h.Name == webhook {
				sender = h.Sender
			}
		}
	}
	switch {
	case s.File == nil, sender == nil && c == rule.Webhook: // a webhook of that name is not known
		return sender, nil
	case sender == nil:
		return s.File.As(c), nil
	}
	return sender, s.File.As(c)
}
