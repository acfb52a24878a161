package cli

import (
	"errors"
	"strings"

	"capricornus/common/config"
	"capricornus/master/notice/channel"
)

// judgeAlerts says which channels can be opened: their secrets can be read and
// their templates filled in. Nobody is called, since that would tell somebody.
func judgeAlerts(cfg config.Alerts) []finding {
	senders, err := channel.Open(cfg)
	signal, wrong := channel.NewSignal(cfg.Heartbeat)
	if err = errors.Join(err, wrong); err != nil {
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
	var found []finding
	if len(names) > 0 {
		found = append(found, fine("alerts", "%s can be opened; nobody was told", strings.Join(names, ", ")))
	}
	if signal != nil {
		found = append(found, fine("alerts", "the URL of an outside monitor is there; it was not called"))
	}
	return found
}
