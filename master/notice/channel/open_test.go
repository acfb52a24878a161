package channel_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"capricornus/common/config"
	"capricornus/common/fault"
	"capricornus/master/notice/channel"
)

func TestWhatIsConfiguredIsOpened(t *testing.T) {
	t.Parallel()
	none, err := channel.Open(config.DefaultMaster().Alerts)
	if err != nil || none.Mail != nil || none.SMS != nil || none.Phone != nil || none.File != nil || len(none.Webhooks) != 0 {
		t.Errorf("got %v, %v, want no channels", none, err)
	}
	cfg := config.DefaultMaster().Alerts
	cfg.File = filepath.Join(t.TempDir(), "alerts.jsonl")
	cfg.Mail = config.Mail{Host: "smtp.example.com", From: "a@b.c", TLS: config.MailStartTLS}
	cfg.SMS = jsonGateway(t, "https://sms.example.com")
	cfg.Phone = jsonGateway(t, "https://voice.example.com")
	cfg.Webhooks = map[string]*config.Webhook{
		"ops":   {Kind: "slack", Gateway: config.Gateway{URL: "https://a.b/c", Timeout: time.Second}, Levels: []string{"critical"}},
		"build": {Kind: "wecom", Gateway: config.Gateway{URL: "https://a.b/c", Timeout: time.Second}},
	}
	all, err := channel.Open(cfg)
	if err != nil || all.Mail == nil || all.SMS == nil || all.Phone == nil || all.File == nil || len(all.Webhooks) != 2 {
		t.Fatalf("got %v, %v, want all channels", all, err)
	}
	if hook := all.Webhooks[1]; hook.Name != "ops" || !hook.Wants("critical", "") || hook.Wants("notice", "") {
		t.Errorf("got %v, want ops, for what is critical", hook.Name)
	}
}

func TestAllThatCannotBeOpenedIsSaid(t *testing.T) {
	t.Parallel()
	cfg := config.DefaultMaster().Alerts
	cfg.Mail = config.Mail{Host: "smtp.example.com", From: "a@b.c", User: "u", PasswordFile: "/nowhere"}
	cfg.SMS = jsonGateway(t, "https://sms.example.com")
	cfg.SMS.Secrets["token"] = "/nowhere"
	cfg.Phone = jsonGateway(t, "https://voice.example.com")
	cfg.Phone.Body = "{{"
	cfg.Webhooks["ops"] = &config.Webhook{Kind: "slack", URLFile: "/nowhere"}
	got, err := channel.Open(cfg)
	if fault.CodeOf(err) != fault.Invalid || got.Mail != nil {
		t.Fatalf("got %v, %v, want problems", got, err)
	}
	for _, want := range []string{
		"alerts.mail.password_file: secret file /nowhere does not exist\n", "alerts.sms.secrets: secret file /nowhere does not exist\n",
		"alerts.phone.body: is not a template", "alerts.webhooks.ops.url_file: secret file /nowhere does not exist",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
