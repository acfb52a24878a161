package cli

import (
	"strings"

	"capricornus/common/config"
	"capricornus/master/notice/channel"
)

// judgeAlerts says which channels can be opened: their secrets can be read and
// their templates filled in. Nobody is called, since that would tell somebody.
func judgeAlerts(cfg config.Alerts) []finding {
	senders, err := channel.Open(cfg)
	if err != nil {
		var found []finding
		for line := range strings.SplitSeq(err.Error(), "\n") {
			found = append(found, failed("alerts", "%s", line))
		}
		return found
	}
	var names []string
	for _, c := range []struct {
		name string
		is   bool
	}{
		{"mail", senders.Mail != nil}, {"sms", senders.SMS != nil}, {"phone", senders.Phone != nil}, {"file", senders.File != nil},
	} {
		if c.is {
			names = append(names, c.name)
		}
	}
	for _, hook := range senders.Webhooks {
		names = append(names, "webhook "+hook.Name)
	}
	if len(names) == 0 {
		return nil
	}
	return []finding{fine("alerts", "%s can be opened; nobody was told", strings.Join(names, ", "))}
}
