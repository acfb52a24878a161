package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"capricornus/common/fault"
	"capricornus/common/permit"
	"capricornus/common/store"
	"capricornus/common/wire"
	"capricornus/master/notice"
	"capricornus/master/notice/rule"
	says "capricornus/master/notice/text"
)

type alertTestParam struct {
	ID int64 `path:"id" minimum:"1" doc:"number of the test message"`
}

func (a *api) alertTestRoutes() {
	post(a, route{method: http.MethodPost, path: root + "/alerts/test", may: permit.TestAlerts, id: "test-alert", tag: tagAlerts,
		summary: "Put a test message on a channel, which is sent as alerts are"}, a.testAlert)
	call(a, route{method: http.MethodGet, path: root + "/alert-tests/{id}", may: permit.TestAlerts, id: "get-alert-test", tag: tagAlerts,
		summary: "What has become of a test message, with what the other side answered"}, a.getAlertTest)
}

// Prefixes of recipients that are no users.
const (
	hookRecipient    = "hook:"
	addressRecipient = "addr:"
)

// testAlert puts a message that is due at once.
func (a *api) testAlert(ctx context.Context, req *wire.TestAlertRequest) (wire.AlertTest, error) {
	who := callerOf(ctx)
	ids, err := a.DB.IDs(ctx, 2)
	if err != nil {
		return wire.AlertTest{}, err
	}
	m := store.Message{ID: ids[0], Purpose: says.PurposeTest, Lang: req.Lang, Level: store.LevelNotice}
	if req.Lang != "" && req.Lang != "en" && req.Lang != says.Chinese {
		return wire.AlertTest{}, fault.New(fault.Invalid, "there is no language %q here", req.Lang).WithHint("write en or zh")
	}
	err = a.DB.Operate(ctx, who.actor(), func(t *store.OperateTx) error {
		if err := addressTest(ctx, t, req, who.name, &m); err != nil {
			return err
		}
		m.DueAt, m.CreatedAt = t.Now(), t.Now()
		if err := t.PutMessages(ctx, []store.Message{m}); err != nil {
			return err
		}
		detail, err := json.Marshal(map[string]any{"after": map[string]string{"channel": m.Channel, "recipient": auditedRecipient(&m)}})
		if err != nil {
			return err
		}
		return t.Audit(ctx, store.Audit{ID: ids[1], Action: "alert.test", Object: m.Channel + " " + auditedRecipient(&m), Source: who.source, Detail: string(detail)})
	})
	if err != nil {
		return wire.AlertTest{}, err
	}
	if a.Posted != nil {
		a.Posted()
	}
	return viewTest(&m), nil
}

// auditedRecipient is who gets a message; addresses of nobody's are masked.
func auditedRecipient(m *store.Message) string {
	if _, nobody := strings.CutPrefix(m.Recipient, addressRecipient); nobody {
		return addressRecipient + notice.Masked(m.Address, rule.Channel(m.Channel))
	}
	return m.Recipient
}

// addressTest finds out where a test goes.
func addressTest(ctx context.Context, t *store.OperateTx, req *wire.TestAlertRequest, caller string, m *store.Message) error {
	if name, is := strings.CutPrefix(req.Channel, wire.WebhookChannel); is {
		return testWebhook(req, name, m)
	}
	m.Channel = req.Channel
	c := rule.Channel(req.Channel)
	if c != rule.Phone && c != rule.SMS && c != rule.Mail {
		return fault.New(fault.Invalid, "there is no channel %q", req.Channel).WithHint("write phone, sms, mail, or webhook:NAME as in alerts.webhooks.NAME of the masters' configuration")
	}
	if m.Recipient = req.To; m.Recipient == "" {
		m.Recipient = caller
	}
	user, err := t.PersonByName(ctx, m.Recipient)
	switch {
	case errors.Is(err, store.ErrNotFound) && rule.IsAddress(m.Recipient, c):
		m.Address, m.Recipient = m.Recipient, addressRecipient+m.Recipient
		if len(m.Recipient) > maxAlertObject || !plainText(m.Recipient, false) {
			return fault.New(fault.Invalid, "to is a user, or one line of at most %d bytes", maxAlertObject-len(addressRecipient))
		}
		return nil
	case errors.Is(err, store.ErrNotFound):
		return fault.Wrap(fault.NotFound, err, "%q is neither a user nor an address for %s", m.Recipient, req.Channel).WithHint("capri user list shows users; numbers are for phone and sms, mail addresses for mail")
	case err != nil:
		return err
	case !user.IsEnabled:
		return fault.New(fault.Invalid, "%s is disabled and is told nothing", user.Name)
	}
	m.Address = user.Phone
	if c == rule.Mail {
		m.Address = user.Mail
	}
	if m.Lang == "" {
		m.Lang = user.Lang
	}
	if m.Address == "" {
		return fault.New(fault.Invalid, "%s %s", user.Name, missingAddress(c)).WithHint("give --to an address, or the user one by capri user set")
	}
	return nil
}

func missingAddress(c rule.Channel) string {
	if c == rule.Mail {
		return rule.NoMail.In("en")
	}
	return rule.NoNumber.In("en")
}

func testWebhook(req *wire.TestAlertRequest, name string, m *store.Message) error {
	if name == "" || len(name) > maxAlertObject-len(hookRecipient) || !plainText(name, false) {
		return fault.New(fault.Invalid, "webhook: is to be followed by the name of a webhook, as in alerts.webhooks.NAME of the masters' configuration")
	}
	if req.To != "" {
		return fault.New(fault.Invalid, "a webhook tells one group: leave out to")
	}
	m.Channel, m.Recipient = string(rule.Webhook), hookRecipient+name
	return nil
}

func (a *api) getAlertTest(ctx context.Context, p *alertTestParam) (wire.AlertTest, error) {
	var m store.Message
	err := a.DB.View(ctx, func(t *store.ViewTx) (err error) {
		m, err = t.MessageByID(ctx, p.ID)
		if err == nil && m.Purpose != says.PurposeTest {
			err = store.ErrNotFound
		}
		return err
	})
	if err != nil {
		return wire.AlertTest{}, named(err, "test message", strconv.FormatInt(p.ID, 10))
	}
	return viewTest(&m), nil
}

func viewTest(m *store.Message) wire.AlertTest {
	to := strings.TrimPrefix(strings.TrimPrefix(m.Recipient, hookRecipient), addressRecipient)
	state := map[int]string{store.MessageWaits: wire.TestWaiting, store.MessageSent: wire.TestSent, store.MessageFailed: wire.TestFailed}[m.State]
	return wire.AlertTest{ID: m.ID, Channel: m.Channel, To: to, Address: m.Address, State: state, Answer: m.Answer, Text: m.Subject, PutAt: m.CreatedAt, EndedAt: m.EndedAt}
}
