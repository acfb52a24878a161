package cli

import (
	"strings"
	"testing"

	"capricornus/common/config"
)

func TestTheDoctorOpensTheChannels(t *testing.T) {
	t.Parallel()
	alerts := func(change func(*config.Alerts)) config.Alerts {
		a := config.DefaultMaster().Alerts
		change(&a)
		return a
	}
	for name, c := range map[string]struct {
		cfg  config.Alerts
		want string
	}{
		"None": {alerts(func(*config.Alerts) {}), ""},
		"Some": {alerts(func(a *config.Alerts) {
			a.File, a.Mail.Host, a.Mail.From = "/var/lib/capri/alerts.jsonl", "smtp.example.com", "capri@example.com"
			a.Webhooks["ops"] = &config.Webhook{Kind: "slack", Gateway: config.Gateway{URL: "https://hooks.example.com/x"}}
		}), "ok alerts: mail, file, webhook ops can be opened"},
		"SecretsThatAreNotThere": {alerts(func(a *config.Alerts) {
			a.Mail.Host, a.Mail.From, a.Mail.User, a.Mail.PasswordFile = "smtp.example.com", "capri@example.com", "capri", "/nowhere"
			a.Webhooks["ops"] = &config.Webhook{Kind: "slack", URLFile: "/nowhere"}
		}), "fail alerts: alerts.mail.password_file: secret file /nowhere does not exist\nfail alerts: alerts.webhooks.ops.url_file: secret file /nowhere does not exist"},
		"AMonitor":               {alerts(func(a *config.Alerts) { a.Heartbeat.URL = "https://hc.example.com/x" }), "ok alerts: the URL of an outside monitor is there; it was not called"},
		"AMonitorWithoutItsFile": {alerts(func(a *config.Alerts) { a.Heartbeat.URLFile = "/nowhere" }), "fail alerts: alerts.heartbeat.url_file: secret file /nowhere does not exist"},
	} {
		var lines []string
		for _, f := range judgeAlerts(c.cfg) {
			lines = append(lines, judged(f)+": "+f.Text)
		}
		if got := strings.Join(lines, "\n"); !strings.HasPrefix(got, c.want) || (got == "") != (c.want == "") {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}
