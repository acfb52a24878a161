package notice

import (
	"slices"
	"strconv"

	"capricornus/common/store"
	"capricornus/master/notice/group"
	"capricornus/master/notice/rule"
)

// Recipients who are no users.
const (
	HookRecipient    = "hook:" // and the webhook's name
	AddressRecipient = "addr:" // and a number or mail address of nobody's
)

// byWebhook is the rule of what chat groups are told.
const byWebhook = "webhook"

// targets are the places that the rules name, found once for alerts that are alike.
type targets struct {
	audience *Audience
	channels *Channels
	found    map[alike][]group.Target
}

// alike are alerts that the same people are told of.
type alike struct {
	byTask bool
	level  string
	task   int64
}

func newTargets(a *Audience, c *Channels) *targets {
	return &targets{audience: a, channels: c, found: map[alike][]group.Target{}}
}

func (s *targets) of(a *store.UndealtAlert) []group.Target {
	key := alike{tellsTask(a.Kind, a.Level), a.Level, a.TaskID}
	if known, ok := s.found[key]; ok {
		return known
	}
	q := s.audience.Question(a.Kind, a.Level, a.TaskID)
	told, _ := rule.Decide(q)
	var out []group.Target
	for i := range told {
		if s.channels.has(told[i].Channel) {
			out = append(out, s.target(&told[i]))
		}
	}
	department := ""
	if q.Task != nil {
		department = q.Task.Department
	}
	for _, h := range s.channels.Hooks {
		if h.Wants(a.Level, department) {
			out = append(out, group.Target{Place: group.Place{Recipient: HookRecipient + h.Name, Channel: rule.Webhook}, Rule: byWebhook})
		}
	}
	s.found[key] = out
	return out
}

func (c *Channels) has(channel rule.Channel) bool {
	switch channel {
	case rule.Mail:
		return c.Mail
	case rule.SMS:
		return c.SMS
	case rule.Phone:
		return c.Phone
	case rule.Webhook:
	}
	return false
}

func (s *targets) target(told *rule.Told) group.Target {
	t := group.Target{
		Place: group.Place{Recipient: told.Person.Name, Channel: told.Channel}, Address: told.Address, Lang: told.Person.Lang, Rule: string(told.Rule),
	}
	if s.channels.Mail {
		t.Mail = told.Person.Mail
	}
	if t.Recipient == "" {
		t.Recipient = AddressRecipient + told.Address
		if told.Channel == rule.Mail {
			t.Mail = told.Address
		}
	}
	return t
}

// limitsOf reads how many messages a person gets in an hour; what makes no sense
// counts as its default.
func limitsOf(settings map[string]string) group.Limits {
	out := group.Limits{}
	for channel, l := range store.NoticeLimits() {
		out[rule.Channel(channel)] = l.Default
		if n, err := strconv.Atoi(settings[l.Key]); err == nil && n >= 1 {
			out[rule.Channel(channel)] = n
		}
	}
	return out
}

// mutes says that the platform is in such trouble that what befalls tasks follows
// from it (console.md §3.3): their people are not rung, but mailed as ever.
func mutes(critical []string) bool {
	return slices.ContainsFunc(critical, func(kind string) bool {
		return slices.Contains([]string{"hdfs-not-answering", "files-not-answering", "workers-low", "masters-low", "pass-old", "service-silent", "database-slow"}, kind)
	})
}

func keysOf[K comparable, V any](m map[K]V) []K {
	out := make([]K, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	return out
}
