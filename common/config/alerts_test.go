package config_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"capricornus/common/config"
	"capricornus/common/logs"
)

// goodAlerts is a section with everything in it.
const goodAlerts = `alerts:
  file: /var/lib/capri/alerts.jsonl
  mail: {host: smtp.example.com, user: capri, password_file: /p, from: "调度 <capri@example.com>", reply_to: duty@example.com, ca: /ca}
  sms:
    url: https://sms.example.com/send?app={{secret "app"}}
    headers: {Content-Type: application/json, X-Id: "{{.Key}}"}
    body: |
      {"to": {{json .Phone}}, "text": {{json .Text}}, "args": {{printf "%s-%s" .Lang .Level | json}}}
    secrets: {app: /s}
    success: {status: [200, 201], field: code, equals: "0"}
    receipt: data.id
    permanent: ["1001"]
  phone: {url: "https://voice.example.com/{{.Lang}}?to={{form .Phone}}&say={{.Text | form}}", method: GET, timeout: 20s}
  webhooks:
    ops:
      format: feishu
      url_file: /u
      sign_file: /s
      levels: [critical, important]
    own_tool:
      url: https://chat.example.com/hook
      departments: [warehouse]
      body: '{"text": {{json .Text}}}'
  heartbeat: {url_file: /h, every: 30s, method: POST}
`

func TestAlertsAreRead(t *testing.T) {
	t.Parallel()
	m, err := config.LoadMaster(config.Source{
		File: write(t, goodAlerts), Hostname: "here",
		Environ: environ(map[string]string{
			"CAPRI_MASTER_ALERTS_WEBHOOKS_OWN_TOOL_URL":     "https://chat.example.com/other",
			"CAPRI_MASTER_ALERTS_WEBHOOKS_OTHER_URL":        "https://nobody.named.this",
			"CAPRI_MASTER_ALERTS_MAIL_PASSWORD":             canary,
			"CAPRI_MASTER_ALERTS_HEARTBEAT_URL":             "https://hc.example.com/" + canary,
			"CAPRI_MASTER_ALERTS_PHONE_HEADERS":             "X-A=1,X-B=2",
			"CAPRI_MASTER_ALERTS_WEBHOOKS_OPS_TIMEOUT":      "7s",
			"CAPRI_MASTER_ALERTS_WEBHOOKS_OWN_TOOL_HEADERS": "X-C=3",
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	a := m.Alerts
	ops, own := a.Webhooks["ops"], a.Webhooks["own_tool"]
	if len(a.Webhooks) != 2 || ops == nil || own == nil {
		t.Fatalf("got webhooks %v, want ops and own_tool", a.Webhooks)
	}
	for name, good := range map[string]bool{
		"mail":     a.Mail.Host == "smtp.example.com" && a.Mail.TLS == "starttls" && a.Mail.Timeout == 30*time.Second && a.Mail.Password.Reveal() == canary,
		"sms":      a.SMS.Method == "POST" && a.SMS.Success.Equals == "0" && len(a.SMS.Success.Status) == 2 && strings.HasSuffix(a.SMS.Body, "}\n"),
		"phone":    a.Phone.Method == "GET" && a.Phone.Timeout == 20*time.Second && a.Phone.Headers["X-B"].Reveal() == "2",
		"signal":   a.Heartbeat == config.Heartbeat{URL: "https://hc.example.com/" + canary, URLFile: "/h", Every: 30 * time.Second, Method: "POST"} && a.Heartbeat.On(),
		"ops":      ops.Kind == "feishu" && ops.Timeout == 7*time.Second && ops.URLFile == "/u",
		"own_tool": own.Kind == "custom" && own.URL.Reveal() == "https://chat.example.com/other" && own.Headers["X-C"].Reveal() == "3",
		"wants":    ops.Wants("critical", "") && !ops.Wants("notice", "x") && own.Wants("notice", "warehouse") && !own.Wants("critical", "") && !own.Wants("critical", "sales"),
	} {
		if !good {
			t.Errorf("got another %s than was written", name)
		}
	}
	if !strings.Contains(m.String(), `alerts.webhooks.own_tool.url="[redacted]"`) || strings.Contains(m.String(), "NAME") {
		t.Errorf("got %s, want the webhooks that there are", m.String())
	}
}

func TestSecretsOfAlertsAreNeverPrinted(t *testing.T) {
	t.Parallel()
	m, err := config.LoadMaster(config.Source{Hostname: "here", File: write(t, strings.ReplaceAll(goodAlerts, "/hook", "/"+canary)),
		Environ: environ(map[string]string{
			"CAPRI_MASTER_ALERTS_MAIL_PASSWORD": canary, "CAPRI_MASTER_ALERTS_SMS_URL": "https://a.b/" + canary,
			"CAPRI_MASTER_ALERTS_PHONE_HEADERS": "X-A=" + canary, "CAPRI_MASTER_ALERTS_HEARTBEAT_URL": "https://hc.example.com/" + canary,
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		fmt.Fprintf(&out, verb+verb+verb+verb, m, &m, m.Alerts, m.Alerts.Heartbeat)
		fmt.Fprintf(&out, verb, *m.Alerts.Webhooks["own_tool"])
	}
	slog.New(slog.NewJSONHandler(&out, nil)).Info("starting", logs.State, &m)
	asJSON, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	out.Write(asJSON)
	for _, leak := range []string{canary, fmt.Sprintf("%x", canary)} {
		if before, _, leaked := strings.Cut(out.String(), leak); leaked {
			t.Errorf("got the secret after %s", before[max(0, len(before)-200):])
		}
	}
}

// TestWhatIsWrongWithAlertsIsSaid changes one thing of a good section at a time.
func TestWhatIsWrongWithAlertsIsSaid(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ from, to, want string }{
		"AServerIsNoURL":               {"host: smtp.example.com", "host: 'smtp.example.com:25'", `capri.yaml:3: alerts.mail.host: "smtp.example.com:25" is not the name of a server`},
		"MailHasASender":               {`, from: "调度 <capri@example.com>"`, "", "capri.yaml:3: alerts.mail.from: is missing"},
		"ASenderIsAnAddress":           {"duty@example.com", "duty", `alerts.mail.reply_to: "duty" is not an address`},
		"AHostIsThere":                 {"host: smtp.example.com, ", "", "alerts.mail.host: is missing, though"},
		"AUserHasAPassword":            {"password_file: /p, ", "", "alerts.mail.password_file: is missing"},
		"APasswordHasAUser":            {"user: capri, ", "", "alerts.mail.user: is missing, though there is a password"},
		"TheWayOfTLSIsKnown":           {"ca: /ca", "tls: startls", `did you mean "starttls"?`},
		"APasswordIsNotSentInClear":    {"ca: /ca", "tls: none", "alerts.mail.tls: none would send the password readable"},
		"ACAIsForTLS":                  {"ca: /ca", "tls: none, auth: cram, ca: /ca", "alerts.mail.ca: is of no use"},
		"AMailEnds":                    {"ca: /ca", "timeout: 1h", "alerts.mail.timeout: 1h is out of bounds: write 1s to 1m"},
		"APortIsAPort":                 {"ca: /ca", "port: 70000", "alerts.mail.port: 70000 is not a port"},
		"ABodyFitsTheText":             {`{{json .Text}}, "args"`, `"{{.Text}}", "args"`, "capri.yaml:7: alerts.sms.body: is not JSON once it is filled in with quotes and line ends"},
		"ABodyClosesItsBraces":         {"{{json .Phone}}", "{{json .Phone}", "capri.yaml:7: alerts.sms.body: is not a template that can be filled in: line 1: "},
		"ABodyKnowsItsFields":          {"{{json .Phone}}", "{{json .Number}}", "line 1:14: executing \"body\" at <.Number>: can't evaluate field Number"},
		"ABodyKnowsItsFunctions":       {"{{json .Phone}}", "{{quote .Phone}}", `function "quote" not defined`},
		"ABodyIsThere":                 {"body: '{\"text\": {{json .Text}}}'", "method: PUT", "alerts.webhooks.own_tool.body: is missing"},
		"AFormKeepsItsFields":          {"Content-Type: application/json", "Content-Type: application/x-www-form-urlencoded", "is not the same form"},
		"AURLKeepsItsFields":           {"say={{.Text | form}}", "say={{.Text}}", "alerts.phone.url: is not a URL once it is filled in"},
		"AURLHasItsOwnHost":            {"voice.example.com", "{{.Lang}}.example.com", "with the host spelled out"},
		"AURLKnowsItsFields":           {"{{form .Phone}}", "{{form .To}}", "alerts.phone.url: is not a template that can be filled in: line 1:"},
		"ASecretHasAFile":              {"secrets: {app: /s}", "", "alerts.sms.url: is not a template that can be filled in"},
		"AHeaderIsOneLine":             {`"{{.Key}}"`, `"{{.Text}}"`, "alerts.sms.headers: X-Id can have line ends in it"},
		"AHeaderHasAName":              {"X-Id:", "X Id:", `"X Id" is not the name of a header`},
		"AFieldIsSomething":            {`, equals: "0"`, "", "alerts.sms.success.equals: is missing"},
		"AStatusIsANumber":             {"[200, 201]", "[ok]", `alerts.sms.success.status: "ok" is not a status`},
		"SuccessIsNotFailure":          {`["1001"]`, `["0"]`, `alerts.sms.permanent: "0" means success`},
		"AGetHasNoBody":                {"method: GET", "method: GET, body: x", "alerts.phone.body: cannot go with GET"},
		"AGatewayHasAURL":              {"    url: https://sms.example.com/send?app={{secret \"app\"}}\n", "", "capri.yaml:4: alerts.sms.url: is missing, though"},
		"AWebhookHasAURL":              {"      url_file: /u\n", "", "capri.yaml:15: alerts.webhooks.ops.url_file: is missing"},
		"AnEmptyWebhookIsIncomplete":   {"    ops:\n      format: feishu\n      url_file: /u\n      sign_file: /s\n      levels: [critical, important]\n", "    ops:\n", "capri.yaml:15: alerts.webhooks.ops.url_file: is missing"},
		"AWebhookHasAName":             {"    ops:", "    Ops-1:", `capri.yaml:15: alerts.webhooks.Ops-1: "Ops-1" is not a name`},
		"AFormatIsKnown":               {"format: feishu", "format: fieshu", `alerts.webhooks.ops.format: "fieshu" is not known: write slack or feishu or dingtalk or wecom or custom (did you mean "feishu"?)`},
		"ALevelIsKnown":                {"[critical, important]", "[criticl]", `alerts.webhooks.ops.levels: "criticl" is not known`},
		"SlackDoesNotSign":             {"format: feishu", "format: slack", "alerts.webhooks.ops.sign_file: is of no use with format slack"},
		"AReadyFormatHasNoBody":        {"levels: [critical, important]", "body: x", "alerts.webhooks.ops.body: is of format custom only"},
		"AnUnknownKeyOfAWebhook":       {"url_file: /u", "urlfile: /u", `capri.yaml:17: unknown key "alerts.webhooks.ops.urlfile": did you mean "alerts.webhooks.ops.url_file"?`},
		"AnUnknownKeyDeepInAWebhook":   {"url_file: /u", "success: {feld: x}", `unknown key "alerts.webhooks.ops.success.feld": did you mean "alerts.webhooks.ops.success.field"?`},
		"AnUnknownKeyOfMail":           {"ca: /ca", "reply: x", `unknown key "alerts.mail.reply": did you mean "alerts.mail.`},
		"AWebhookIsASection":           {"    ops:\n", "    plain: x\n    ops:\n", "alerts.webhooks.plain: write keys and values here"},
		"ASignalIsCalledOften":         {"every: 30s", "every: 2h", "alerts.heartbeat.every: 2h is out of bounds: write 10s to 1h"},
		"ASignalIsNotCalledTooOften":   {"every: 30s", "every: 5s", "alerts.heartbeat.every: 5s is out of bounds"},
		"ASignalHasAMethod":            {"method: POST}\n", "method: PING}\n", `alerts.heartbeat.method: "PING" is not known: write GET or POST or PUT`},
		"ASignalHasAURL":               {"url_file: /h", "url: 'hc.example.com/" + canary + "'", "alerts.heartbeat.url: is not a URL: write it as the monitor shows it"},
		"AnUnknownKeyOfASignal":        {"every: 30s", "evry: 30s", `did you mean "alerts.heartbeat.every"?`},
		"AURLWithAUserIsNoReadyFormat": {"url_file: /u", "url: 'https://u:" + canary + "@x/'", "alerts.webhooks.ops.url: is not a URL: write it as the chat tool shows it"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(goodAlerts, c.from, c.to, 1)
			if text == goodAlerts {
				t.Fatalf("%q is not in the section", c.from)
			}
			_, err := config.LoadMaster(config.Source{File: write(t, text), Hostname: "here"})
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), canary) {
				t.Errorf("got %v\nwant %s", err, c.want)
			}
		})
	}
}

func TestDevTellsAFile(t *testing.T) {
	t.Parallel()
	d := config.DefaultDev()
	d.DataDir = "/data"
	if got := d.Alerts().File; got != "/data/alerts.jsonl" {
		t.Errorf("got %q, want a file in the data directory", got)
	}
	d, err := config.LoadDev(config.Source{Flags: map[string]string{"alerts.file": "/tmp/x"}})
	if err != nil || d.Alerts().File != "/tmp/x" {
		t.Errorf("got %q, %v, want the file of the flag", d.Alerts().File, err)
	}
}
