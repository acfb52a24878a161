package deliver

import (
	"cmp"
	"slices"
	"strings"

	"capricornus/common/store"
	"capricornus/master/notice/group"
	"capricornus/master/notice/rule"
)

// Bounds of what is on its way at once.
const (
	perChannel = 4
	perWebhook = 2
	mostAlerts = 20_000 // that the messages begun together tell of
	duePage    = 64
)

// hookPrefix stands before the names of webhooks among recipients.
const hookPrefix = "hook:"

// lane is where messages go one beside the other: a channel, or one webhook.
type lane struct {
	channel rule.Channel
	webhook string
}

func laneOf(m *store.Message) lane {
	l := lane{channel: rule.Channel(m.Channel)}
	if l.channel == rule.Webhook {
		l.webhook = strings.TrimPrefix(m.Recipient, hookPrefix)
	}
	return l
}

// room is how many messages a lane takes at once.
func (l lane) room() int {
	if l.channel == rule.Webhook {
		return perWebhook
	}
	return perChannel
}

// name is what people call it: the channel, or the webhook.
func (l lane) name() string {
	if l.webhook != "" {
		return l.webhook
	}
	return string(l.channel)
}

// flight is what is on its way: messages by their ids.
type flight map[int64]lane

// in counts the messages in a lane.
func (f flight) in(l lane) int {
	n := 0
	for _, one := range f {
		if one == l {
			n++
		}
	}
	return n
}

// full names the recipients among webhooks that have no room.
func (f flight) full() []string {
	var out []string
	for _, l := range f {
		if l.webhook != "" && f.in(l) >= l.room() && !slices.Contains(out, hookPrefix+l.webhook) {
			out = append(out, hookPrefix+l.webhook)
		}
	}
	slices.Sort(out)
	return out
}

// choose takes of what is due as much as there is room for, the worst first,
// then what has waited longest. It is pure.
func choose(due []store.Message, flying flight) []store.Message {
	due = slices.Clone(due)
	slices.SortFunc(due, func(a, b store.Message) int {
		return cmp.Or(cmp.Compare(group.Rank(b.Level), group.Rank(a.Level)), cmp.Compare(a.DueAt, b.DueAt), cmp.Compare(a.ID, b.ID))
	})
	taken := map[lane]int{}
	for _, l := range flying {
		taken[l]++
	}
	var out []store.Message
	alerts := 0
	for _, m := range due {
		l := laneOf(&m)
		if _, there := flying[m.ID]; there || taken[l] >= l.room() || len(out) > 0 && alerts+m.Alerts > mostAlerts {
			continue
		}
		taken[l]++
		alerts += m.Alerts
		out = append(out, m)
	}
	return out
}
