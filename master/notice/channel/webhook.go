package channel

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"capricornus/common/config"
	"capricornus/common/fault"
)

// chat is a webhook whose format is known.
type chat struct {
	caller *caller
	url    config.Secret
	sign   config.Secret // empty: calls are not signed
	shape  shape
}

// shape is how a chat tool is called, and what its answers mean.
type shape struct {
	rules rules
	call  func(c *chat, e Envelope, now time.Time) (string, any) // URL and body
}

// shapes are those of the tools' own documents, in 2026. All take a POST of
// JSON; but for Slack, refusals come with status 200.
func shapes() map[string]shape {
	return map[string]shape{
		config.WebhookSlack:    {rules{statuses: []int{200}, body: "ok"}, slack},
		config.WebhookFeishu:   {rules{field: "code", equals: "0", permanent: []string{"19021", "19022", "19024"}}, feishu},
		config.WebhookDingTalk: {rules{field: "errcode", equals: "0", permanent: []string{"310000"}}, dingTalk},
		config.WebhookWeCom:    {rules{field: "errcode", equals: "0", permanent: []string{"93000"}}, weCom},
	}
}

// NewWebhook reads the URL and the secrets and tries the templates, and calls
// nobody yet. Errors are faults that name the key.
func NewWebhook(cfg WebhookConfig) (Sender, error) {
	return newWebhook("webhook", "webhook", cfg)
}

// newWebhook makes the webhook whose keys are below path.
func newWebhook(path, what string, cfg WebhookConfig) (Sender, error) {
	if cfg.URL == "" {
		secret, err := config.ReadSecret(cfg.URLFile)
		if err != nil {
			return nil, at(path+".url_file", err)
		}
		cfg.URL = secret
	}
	if cfg.Kind == config.WebhookCustom {
		return newGateway(path, what, cfg.Gateway)
	}
	known, ok := shapes()[cfg.Kind]
	if !ok {
		return nil, fault.New(fault.Invalid, "%s.format: %q is not known", path, cfg.Kind)
	}
	if u, err := url.Parse(cfg.URL.Reveal()); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fault.New(fault.Invalid, "%s.url: this is not a URL: write it as the chat tool shows it, https://…", path)
	}
	c := &chat{url: cfg.URL, shape: known}
	if cfg.SignFile != "" {
		secret, err := config.ReadSecret(cfg.SignFile)
		if err != nil {
			return nil, at(path+".sign_file", err)
		}
		c.sign = secret
	}
	c.caller = newCaller(what, cfg.Timeout, known.rules, newHider(append(urlSecrets(cfg.URL), c.sign)...))
	return c, nil
}

// Send makes one call.
func (c *chat) Send(ctx context.Context, e Envelope) (string, error) {
	to, body := c.shape.call(c, e, time.Now())
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(body); err != nil {
		return "", permanent("the message for the %s is no JSON", c.caller.what)
	}
	return c.caller.call(ctx, http.MethodPost, config.GatewayCall{URL: to, Body: strings.TrimSpace(out.String())})
}

type object = map[string]any

// slack shows text as it is: its three marks are escaped, so that nothing in it
// is a link or calls a channel.
func slack(c *chat, e Envelope, _ time.Time) (string, any) {
	text := cut(e.Text.Plain, 30_000) // it takes 40,000 characters
	return c.url.Reveal(), object{"text": strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text)}
}

// feishu shows a card with a coloured title; plain_text has no marks.
func feishu(c *chat, e Envelope, now time.Time) (string, any) {
	title := oneLine(e)
	colour := map[string]string{"critical": "red", "important": "orange", "notice": "blue"}[e.Level]
	if colour == "" {
		colour = "yellow"
	}
	body := object{"msg_type": "interactive", "card": object{
		"config": object{"wide_screen_mode": true},
		"header": object{"template": colour, "title": object{"tag": "plain_text", "content": cut(title, 200)}},
		"elements": []any{
			object{"tag": "div", "text": object{"tag": "plain_text", "content": cutBytes(e.Text.Plain, 15_000)}}, // a call may have 20 KB
		},
	}}
	if c.sign != "" { // the key is what other tools sign, and the text is empty
		second := strconv.FormatInt(now.Unix(), 10)
		body["timestamp"], body["sign"] = second, signed(second+"\n"+c.sign.Reveal(), "")
	}
	return c.url.Reveal(), body
}

func dingTalk(c *chat, e Envelope, now time.Time) (string, any) {
	body := object{"msgtype": "text", "text": object{"content": cutBytes(e.Text.Plain, 15_000)}} // it takes 20,000 bytes
	u, err := url.Parse(c.url.Reveal())
	if c.sign == "" || err != nil {
		return c.url.Reveal(), body
	}
	millisecond := strconv.FormatInt(now.UnixMilli(), 10)
	query := u.Query()
	query.Set("timestamp", millisecond)
	query.Set("sign", signed(c.sign.Reveal(), millisecond+"\n"+c.sign.Reveal()))
	u.RawQuery = query.Encode()
	return u.String(), body
}

func weCom(c *chat, e Envelope, _ time.Time) (string, any) {
	return c.url.Reveal(), object{"msgtype": "text", "text": object{"content": cutBytes(e.Text.Plain, 2048)}}
}

func signed(key, text string) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
