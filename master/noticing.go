package master

import (
	"context"
	"time"

	"capricornus/common/store"
	"capricornus/master/duty"
	"capricornus/master/election"
	"capricornus/master/notice"
	"capricornus/master/notice/channel"
)

// newNotifier wires who is told of what.
func (m *Master) newNotifier(defs *store.Definitions) *notice.Notifier {
	return notice.New(notice.Config{
		Reader: notice.Reader{DB: m.db, Defs: defs, Zone: m.zone}, Channels: channelsOf(&m.cfg.Senders), Put: m.posted,
	})
}

// channelsOf says on which channels people can be told: a file takes what has no
// other way.
func channelsOf(s *channel.Senders) notice.Channels {
	file := s.File != nil
	out := notice.Channels{Mail: file || s.Mail != nil, SMS: file || s.SMS != nil, Phone: file || s.Phone != nil}
	for _, h := range s.Webhooks {
		out.Hooks = append(out.Hooks, notice.Hook{Name: h.Name, Wants: h.Wants})
	}
	return out
}

// noticeDuties are the duties that decide whom to tell.
func (m *Master) noticeDuties(lead func(*election.Term) *store.Lead) []duty.Duty {
	return []duty.Duty{
		{
			Name: notice.Duty, Every: m.cfg.stretched(notice.Every), Timeout: 5 * time.Minute,
			Run: func(ctx context.Context, t *election.Term) (duty.Pass, error) { return m.notifier.Notice(ctx, lead(t)) },
		},
	}
}
