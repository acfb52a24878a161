package channel_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"capricornus/common/config"
	"capricornus/master/notice/channel"
	"capricornus/master/notice/text"
)

func chatty() channel.Envelope {
	return channel.Envelope{Key: "msg-9", Lang: "zh", Level: "critical", Text: text.Text{Plain: "[严重] dwd_order_d 失败 <!channel> & <at id=all>\n影响 41"}}
}

// group is a chat tool that keeps what it was called with.
type group struct {
	url    string
	answer string
	status int

	query  url.Values
	header http.Header
	body   map[string]any
	raw    string
}

func (g *group) start(t *testing.T) *group {
	t.Helper()
	g.url = serve(t, func(w http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		g.query, g.header, g.raw, g.body = r.URL.Query(), r.Header, string(raw), nil
		_ = json.Unmarshal(raw, &g.body)
		if g.status == http.StatusTooManyRequests {
			w.Header().Set("Retry-After", "30")
		}
		if g.status != 0 {
			w.WriteHeader(g.status)
		}
		_, _ = io.WriteString(w, g.answer)
	}) + "/hook/" + canary + "?access_token=" + canary
	return g
}

func (g *group) hook(kind string) channel.WebhookConfig {
	return channel.WebhookConfig{Kind: kind, Gateway: config.Gateway{URL: config.Secret(g.url), Method: "POST", Timeout: 20 * time.Second}}
}

func hookSender(t *testing.T, cfg channel.WebhookConfig) channel.Sender {
	t.Helper()
	sender, err := channel.NewWebhook(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return sender
}

func TestReadyFormatsAreWhatTheToolsTake(t *testing.T) {
	t.Parallel()
	const plain = `[严重] dwd_order_d 失败 <!channel> & <at id=all>\n影响 41`
	for kind, c := range map[string]struct{ answer, want string }{
		"slack":    {"ok", `{"text":"[严重] dwd_order_d 失败 &lt;!channel&gt; &amp; &lt;at id=all&gt;\n影响 41"}`},
		"dingtalk": {`{"errcode":0,"errmsg":"ok"}`, `{"msgtype":"text","text":{"content":"` + plain + `"}}`},
		"wecom":    {`{"errcode":0,"errmsg":"ok"}`, `{"msgtype":"text","text":{"content":"` + plain + `"}}`},
		"feishu": {`{"code":0,"msg":"success","data":{}}`, `{"card":{"config":{"wide_screen_mode":true},"elements":[{"tag":"div","text":{"content":"` + plain +
			`","tag":"plain_text"}}],"header":{"template":"red","title":{"content":"[严重] dwd_order_d 失败 <!channel> & <at id=all>","tag":"plain_text"}}},"msg_type":"interactive"}`},
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			g := (&group{answer: c.answer}).start(t)
			receipt, err := hookSender(t, g.hook(kind)).Send(t.Context(), chatty())
			if err != nil || receipt != "200 OK" || g.raw != c.want || g.query.Get("access_token") != canary || !strings.HasPrefix(g.header.Get("Content-Type"), "application/json") {
				t.Errorf("got %q, %v\n%s\nwant\n%s", receipt, err, g.raw, c.want)
			}
		})
	}
}

func TestCallsAreSignedAsTheToolsCheck(t *testing.T) {
	t.Parallel()
	sign := func(key, said string) string {
		mac := hmac.New(sha256.New, []byte(key))
		mac.Write([]byte(said))
		return base64.StdEncoding.EncodeToString(mac.Sum(nil))
	}
	fresh := func(stamp string, unit time.Duration) bool {
		n, err := strconv.ParseInt(stamp, 10, 64)
		return err == nil && time.Since(time.Unix(0, n*int64(unit))).Abs() < time.Minute
	}
	const secret = "SEC-" + canary
	ding := (&group{answer: `{"errcode":"0"}`}).start(t)
	cfg := ding.hook("dingtalk")
	cfg.SignFile = secretFile(t, secret)
	if _, err := hookSender(t, cfg).Send(t.Context(), chatty()); err != nil {
		t.Error(err)
	}
	stamp := ding.query.Get("timestamp")
	if !fresh(stamp, time.Millisecond) || ding.query.Get("sign") != sign(secret, stamp+"\n"+secret) || ding.query.Get("access_token") != canary {
		t.Errorf("got %v, want a signature", ding.query)
	}
	feishu := (&group{answer: `{"code":0}`}).start(t)
	cfg = feishu.hook("feishu")
	cfg.SignFile = secretFile(t, secret)
	if _, err := hookSender(t, cfg).Send(t.Context(), chatty()); err != nil {
		t.Error(err)
	}
	stamp, _ = feishu.body["timestamp"].(string)
	if !fresh(stamp, time.Second) || feishu.body["sign"] != sign(stamp+"\n"+secret, "") {
		t.Errorf("got %v, want a signature", feishu.body)
	}
}

func TestAnswersOfChatTools(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		kind, answer string
		status       int
		want         string
		permanent    bool
		after        time.Duration
	}{
		"SlackWithoutOk":       {"slack", "invalid_payload", 200, "answered 200 OK: invalid_payload", false, 0},
		"SlackOfNobody":        {"slack", "no_service", 404, "answered 404 Not Found: no_service", true, 0},
		"SlackTooOften":        {"slack", "rate_limited", 429, "answered 429", false, 30 * time.Second},
		"FeishuWithoutKeyword": {"feishu", `{"code":19024,"msg":"Key Words Not Found"}`, 200, "code 19024: Key Words Not Found", true, 0},
		"FeishuWrongSign":      {"feishu", `{"code":19021,"data":{},"msg":"sign match fail or timestamp is not within one hour from current time"}`, 200, "code 19021: sign match fail", true, 0},
		"FeishuTooOften":       {"feishu", `{"code":11232,"msg":"frequency limited"}`, 200, "code 11232: frequency limited", false, 0},
		"FeishuWithoutACode":   {"feishu", `{"msg":"success"}`, 200, "without code: success", false, 0},
		"DingTalkWrongSign":    {"dingtalk", `{"errcode":310000,"errmsg":"sign not match"}`, 200, "errcode 310000: sign not match", true, 0},
		"DingTalkTooOften":     {"dingtalk", `{"errcode":130101,"errmsg":"send too fast"}`, 200, "errcode 130101: send too fast", false, 0},
		"WeComOfNobody":        {"wecom", `{"errcode":93000,"errmsg":"invalid webhook url, key ` + canary + `"}`, 200, "invalid webhook url, key [redacted]", true, 0},
		"WeComTooOften":        {"wecom", `{"errcode":45009,"errmsg":"api freq out of limit"}`, 200, "errcode 45009", false, 0},
		"WeComBehindAProxy":    {"wecom", "<html>login", 200, "without errcode: <html>login", false, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := (&group{answer: c.answer, status: c.status}).start(t)
			_, err := hookSender(t, g.hook(c.kind)).Send(t.Context(), chatty())
			if channel.Permanent(err) != c.permanent || channel.RetryAfter(err) != c.after || !strings.Contains(describe(err), c.want) {
				t.Errorf("got %v, permanent %v, after %s", err, channel.Permanent(err), channel.RetryAfter(err))
			}
			noCanary(t, describe(err))
		})
	}
}

func TestLongTextsAreCutToWhatTheToolsTake(t *testing.T) {
	t.Parallel()
	for kind, most := range map[string]int{"slack": 100_000, "feishu": 20_000, "dingtalk": 20_000, "wecom": 2048 + len(`{"msgtype":"text","text":{"content":""}}`)} {
		g := (&group{answer: map[string]string{"slack": "ok", "feishu": `{"code":0}`}[kind]}).start(t)
		if g.answer == "" {
			g.answer = `{"errcode":0}`
		}
		e := chatty()
		e.Text.Plain = "x" + strings.Repeat("失", 100_000)
		if _, err := hookSender(t, g.hook(kind)).Send(t.Context(), e); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
		if len(g.raw) > most || !strings.Contains(g.raw, "失…\"") || g.body == nil {
			t.Errorf("%s: got %d bytes, want at most %d and an ellipsis", kind, len(g.raw), most)
		}
	}
}

func TestWebhooksOfYourOwn(t *testing.T) {
	t.Parallel()
	g := (&group{answer: `{"ok": true, "ts": "1700.1"}`}).start(t)
	cfg := g.hook("custom")
	cfg.URLFile, cfg.URL = secretFile(t, g.url), ""
	cfg.Body, cfg.Success, cfg.Receipt = `{"markdown": {{json .Text}}, "key": {{json .Key}}}`, config.Success{Field: "ok", Equals: "true"}, "ts"
	receipt, err := hookSender(t, cfg).Send(t.Context(), chatty())
	if err != nil || receipt != "1700.1" || g.body["markdown"] != chatty().Text.Plain || g.body["key"] != "msg-9" {
		t.Errorf("got %q, %v, %s", receipt, err, g.raw)
	}
}

func TestWebhooksThatCannotWork(t *testing.T) {
	t.Parallel()
	for want, cfg := range map[string]channel.WebhookConfig{
		"webhook.url_file: secret file /nowhere": {Kind: "slack", URLFile: "/nowhere"},
		"webhook.url: this is not a URL":         {Kind: "slack", URLFile: secretFile(t, canary)},
		"webhook.sign_file: secret file":         {Kind: "feishu", SignFile: "/nowhere", Gateway: config.Gateway{URL: "https://a.b/c"}},
		`webhook.format: "irc" is not known`:     {Kind: "irc", Gateway: config.Gateway{URL: "https://a.b/c"}},
		"webhook.url: is not a URL":              {Kind: "custom", URLFile: secretFile(t, canary), Gateway: config.Gateway{Method: "POST", Body: "{}"}},
	} {
		_, err := channel.NewWebhook(cfg)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
			continue
		}
		noCanary(t, err.Error())
	}
}
