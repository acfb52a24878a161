package channel

import (
	"errors"
	"maps"
	"slices"

	"capricornus/common/config"
	"capricornus/common/fault"
)

// Senders are the channels that are configured; the others are nil.
type Senders struct {
	Mail     Sender
	SMS      Sender
	Phone    Sender
	Webhooks []Hook // by their names
	File     *File
}

// Hook is a webhook with its name and what it wants to be told.
type Hook struct {
	Name   string
	Sender Sender
	Wants  func(level, department string) bool // department: of the task's owner; empty: of the platform
}

// Open makes all that is configured, and calls nobody yet. The error is a fault
// with every problem, a line each with its key.
func Open(cfg config.Alerts) (Senders, error) {
	var out Senders
	var problems []error
	if cfg.File != "" {
		out.File = NewFile(cfg.File)
	}
	if cfg.Mail.Host != "" {
		sender, err := NewMail(cfg.Mail)
		out.Mail, problems = sender, append(problems, err)
	}
	for _, g := range []struct {
		path, what string
		cfg        config.Gateway
		into       *Sender
	}{{"alerts.sms", "sms gateway", cfg.SMS, &out.SMS}, {"alerts.phone", "phone gateway", cfg.Phone, &out.Phone}} {
		if g.cfg.URL == "" {
			continue
		}
		sender, err := newGateway(g.path, g.what, g.cfg)
		*g.into, problems = sender, append(problems, err)
	}
	for _, name := range slices.Sorted(maps.Keys(cfg.Webhooks)) {
		hook := cfg.Webhooks[name]
		sender, err := newWebhook("alerts.webhooks."+name, "webhook "+name, *hook)
		out.Webhooks, problems = append(out.Webhooks, Hook{Name: name, Sender: sender, Wants: hook.Wants}), append(problems, err)
	}
	if err := errors.Join(problems...); err != nil {
		return Senders{}, fault.Wrap(fault.Invalid, err, "%s", err)
	}
	return out, nil
}
