package channel_test

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"capricornus/common/config"
	"capricornus/common/fault"
	"capricornus/master/notice/channel"
	"capricornus/master/notice/text"
)

func short() channel.Envelope {
	return channel.Envelope{
		Key: "msg-7", Address: "+8613800138000", Name: "李雷", Lang: "zh", Level: "important",
		Text: text.Text{Plain: "【调度】重要：\"dwd_order_d\"\n失败 & 影响41 <a.cn/a/x7k2>"},
	}
}

// secretFile holds a secret that only the owner reads.
func secretFile(t *testing.T, secret string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte(secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// serve answers by a function until the test is over.
func serve(t *testing.T, handle http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handle)
	t.Cleanup(server.Close)
	return server.URL
}

// jsonGateway is a gateway that takes JSON, with a token and an app's secret.
func jsonGateway(t *testing.T, url string) channel.GatewayConfig {
	t.Helper()
	return channel.GatewayConfig{
		URL: config.Secret(url + `/send?app={{secret "token" | form}}`), Method: "POST", Timeout: 20 * time.Second,
		Headers: map[string]config.Secret{"Authorization": `Bearer {{secret "token"}}`, "X-Key": "{{.Key}}"},
		Body:    `{"to": {{json .Phone}}, "text": {{json .Text}}, "who": {{json .Name}}, "lang": "{{.Lang}}", "level": "{{.Level}}", "app": {{secret "token" | json}}}`,
		Secrets: map[string]string{"token": secretFile(t, canary)},
	}
}

func gatewaySender(t *testing.T, cfg channel.GatewayConfig) channel.Sender {
	t.Helper()
	sender, err := channel.NewGateway(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return sender
}

func TestAGatewayIsCalledAsItsTemplatesSay(t *testing.T) {
	t.Parallel()
	var got *http.Request
	var body []byte
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		got = r.Clone(r.Context())
		body, _ = io.ReadAll(r.Body)
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, `{"code": 0, "data": [{"id": 42}]}`)
	})
	cfg := jsonGateway(t, url)
	cfg.Success, cfg.Receipt = config.Success{Field: "code", Equals: "0"}, "data.0.id"
	receipt, err := gatewaySender(t, cfg).Send(t.Context(), short())
	if err != nil || receipt != "42" {
		t.Fatalf("got %q, %v, want receipt 42", receipt, err)
	}
	var said map[string]string
	if err := json.Unmarshal(body, &said); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"to": short().Address, "text": short().Text.Plain, "who": "李雷", "lang": "zh", "level": "important", "app": canary}
	for name, value := range want {
		if said[name] != value {
			t.Errorf("got %s %q, want %q", name, said[name], value)
		}
	}
	if got.Method != http.MethodPost || got.URL.Path != "/send" || got.URL.Query().Get("app") != canary ||
		got.Header.Get("Authorization") != "Bearer "+canary || got.Header.Get("X-Key") != "msg-7" || !strings.HasPrefix(got.Header.Get("Content-Type"), "application/json") {
		t.Errorf("got %s %s %v", got.Method, got.URL, got.Header)
	}
}

func TestGatewaysThatTakeFormsOrQueries(t *testing.T) {
	t.Parallel()
	var got url.Values
	var kind string
	at := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		got, kind = r.Form, r.Header.Get("Content-Type")
	})
	form := channel.GatewayConfig{
		URL: config.Secret(at), Method: "PUT", Timeout: 20 * time.Second, Body: "to={{form .Phone}}&say={{form .Text}}",
		Headers: map[string]config.Secret{"content-type": "application/x-www-form-urlencoded"},
	}
	query := channel.GatewayConfig{URL: config.Secret(at + "/?to={{form .Phone}}&say={{.Text | form}}"), Method: "GET", Timeout: 20 * time.Second}
	for wantKind, cfg := range map[string]channel.GatewayConfig{"application/x-www-form-urlencoded": form, "": query} {
		receipt, err := gatewaySender(t, cfg).Send(t.Context(), short())
		if err != nil || receipt != "200 OK" || got.Get("to") != short().Address || got.Get("say") != short().Text.Plain || kind != wantKind {
			t.Errorf("%s: got %q, %v, %v of %q", cfg.Method, receipt, err, got, kind)
		}
	}
}

func TestAnswersOfGateways(t *testing.T) {
	t.Parallel()
	coded := config.Success{Field: "result.code", Equals: "OK"}
	for name, c := range map[string]struct {
		status  int
		header  string // Retry-After
		body    string
		success config.Success
		receipt string

		want      string // the receipt, or part of the error
		fails     bool
		permanent bool
		after     time.Duration
	}{
		"Any2xx":                    {status: 204, want: "204 No Content"},
		"TheStatusThatIsWanted":     {status: 302, success: config.Success{Status: []string{"302"}}, want: "302 Found"},
		"Another2xx":                {status: 202, body: "queued", success: config.Success{Status: []string{"200"}}, want: "answered 202 Accepted: queued", fails: true},
		"AReceipt":                  {status: 200, body: `{"data": {"id": "a-1"}}`, receipt: "data.id", want: "a-1"},
		"AReceiptThatIsMissing":     {status: 200, body: `{"data": {}}`, receipt: "data.id", want: "200 OK"},
		"AReceiptOfAnObject":        {status: 200, body: `{"data": {"id": {}}}`, receipt: "data.id", want: "200 OK"},
		"AReceiptOfManyLines":       {status: 200, body: `{"id": "a\nb\u202e` + strings.Repeat("x", 500) + `"}`, receipt: "id", want: "a b " + strings.Repeat("x", 195) + "…"},
		"ANumberOfManyDigits":       {status: 200, body: `{"id": 12345678901234567890}`, receipt: "id", want: "12345678901234567890"},
		"ACodeThatMeansYes":         {status: 200, body: `{"result": {"code": "OK"}}`, success: coded, want: "200 OK"},
		"ACodeThatMeansNo":          {status: 200, body: `{"result": {"code": "NO"}, "message": "余额不足"}`, success: coded, want: "answered 200 OK, result.code NO: 余额不足", fails: true},
		"ACodeThatMeansNever":       {status: 200, body: `{"result": {"code": "BAD_NUMBER"}}`, success: coded, want: "result.code BAD_NUMBER", fails: true, permanent: true},
		"ANeverWithAStatus":         {status: 500, body: `{"result": {"code": "BAD_NUMBER"}}`, success: coded, want: "result.code BAD_NUMBER", fails: true, permanent: true},
		"NoCode":                    {status: 200, body: `{"result": 1}`, success: coded, want: "answered 200 OK, without result.code: ", fails: true},
		"NoJSON":                    {status: 200, body: "<html>maintenance", success: coded, want: "without result.code: <html>maintenance", fails: true},
		"NoBody":                    {status: 200, success: coded, want: "without result.code: nothing", fails: true},
		"ATruth":                    {status: 200, body: `{"ok": true}`, success: config.Success{Field: "ok", Equals: "true"}, want: "200 OK"},
		"TooManyCalls":              {status: 429, header: "17", body: "slow down", want: "answered 429 Too Many Requests: slow down", fails: true, after: 17 * time.Second},
		"Maintenance":               {status: 503, header: "999999", want: "answered 503", fails: true, after: time.Hour},
		"AnErrorOfTheirs":           {status: 500, want: "answered 500 Internal Server Error: nothing", fails: true},
		"AnErrorOfOurs":             {status: 400, body: `{"error": {"message": "no such template"}}`, want: "answered 400 Bad Request: no such template", fails: true, permanent: true},
		"AWrongToken":               {status: 401, body: "token " + canary + " is wrong", want: "answered 401 Unauthorized: token [redacted] is wrong", fails: true, permanent: true},
		"ATokenInJSON":              {status: 200, body: `{"result": {"code": "NO"}, "msg": "app=` + canary + ` Bearer ` + canary + `"}`, success: coded, want: "app=[redacted] Bearer [redacted]", fails: true},
		"ATimeoutOfTheirs":          {status: 408, want: "answered 408", fails: true},
		"ARedirect":                 {status: 307, want: "answered 307 Temporary Redirect: nothing; redirects are not followed", fails: true, permanent: true},
		"AHugeAnswer":               {status: 200, body: strings.Repeat("x", 1<<20), want: "200 OK"},
		"AHugeAnswerThatMatters":    {status: 200, body: `{"pad": "` + strings.Repeat("x", 1<<20) + `", "result": {"code": "OK"}}`, success: coded, want: "more than 64 KiB, which is not read to its field result.code", fails: true},
		"AHugeRefusal":              {status: 400, body: strings.Repeat("失败", 1<<20), want: "answered 400 Bad Request: " + strings.Repeat("失败", 99), fails: true, permanent: true},
		"AnAnswerThatIsNoText":      {status: 400, body: "\xff\x00\x1b[31m", want: "answered 400 Bad Request: � [31m", fails: true, permanent: true},
		"ADeepAnswerIsLookedAtOnce": {status: 200, body: strings.Repeat("[", 20_000), success: coded, want: "without result.code: [[[", fails: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var calls atomic.Int32
			url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				calls.Add(1)
				w.Header().Set("Location", "/elsewhere?"+canary)
				if c.header != "" {
					w.Header().Set("Retry-After", c.header)
				}
				w.WriteHeader(c.status)
				_, _ = io.WriteString(w, c.body)
			})
			cfg := jsonGateway(t, url)
			cfg.Success, cfg.Receipt = c.success, c.receipt
			if c.success.Field != "" {
				cfg.Permanent = []string{"BAD_NUMBER"}
			}
			receipt, err := gatewaySender(t, cfg).Send(t.Context(), short())
			if calls.Load() != 1 {
				t.Errorf("got %d calls, want one", calls.Load())
			}
			if !c.fails {
				if err != nil || receipt != c.want {
					t.Errorf("got %q, %v, want %q", receipt, err, c.want)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) || channel.Permanent(err) != c.permanent || channel.RetryAfter(err) != c.after || len(err.Error()) > 2000 {
				t.Errorf("got %q, permanent %v, after %s: %v\nwant permanent %v, after %s: %s",
					receipt, channel.Permanent(err), channel.RetryAfter(err), err, c.permanent, c.after, c.want)
				return
			}
			noCanary(t, err.Error())
		})
	}
}

func TestGatewaysThatAreNotThere(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	away := "http://" + listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	dropping := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			_ = conn.Close()
		}
	})
	cutting := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, `{"code"`)
		panic(http.ErrAbortHandler)
	})
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	secure.Config.ErrorLog = nil
	t.Cleanup(secure.Close)
	for want, url := range map[string]string{
		"cannot be reached: connect: connection refused":              away,
		"ended the connection without a full answer":                  dropping,
		"without a full answer":                                       cutting,
		"cannot be called: tls: failed to verify certificate: x509: ": secure.URL,
	} {
		_, err := gatewaySender(t, jsonGateway(t, url)).Send(t.Context(), short())
		if err == nil || channel.Permanent(err) || !strings.Contains(err.Error(), want) || fault.CodeOf(err) != fault.Unavailable {
			t.Errorf("got %v, want a passing error with %q", err, want)
			continue
		}
		noCanary(t, err.Error())
	}
}

func TestRetryAfterIsSecondsOrADate(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 6, 1, 8, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"": 0, "0": 0, "-5": 0, "30": 30 * time.Second, "soon": 0, "99999999999999999999": 0, "86400": time.Hour,
		"Mon, 01 Jun 2026 08:02:00 GMT": 2 * time.Minute, "Mon, 01 Jun 2026 07:00:00 GMT": 0,
	} {
		if got := channel.PauseOf(text, now); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

func TestGatewaysThatCannotWork(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]func(*channel.GatewayConfig){
		"gateway.secrets: secret file":                      func(c *channel.GatewayConfig) { c.Secrets["token"] = "/nowhere/at/all" },
		"gateway.body: is not a template":                   func(c *channel.GatewayConfig) { c.Body = "{{" },
		"gateway.body: is not JSON once it is filled in":    func(c *channel.GatewayConfig) { c.Body = `{"a": "{{.Text}}"}` },
		"gateway.url: is not a template that can be filled": func(c *channel.GatewayConfig) { c.URL = `https://a/{{secret "other"}}` },
		"gateway.headers: is not a template":                func(c *channel.GatewayConfig) { c.Headers["X-A"] = canary + "{{" + canary },
	} {
		cfg := jsonGateway(t, "https://sms.example.com")
		change(&cfg)
		_, err := channel.NewGateway(cfg)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
			continue
		}
		noCanary(t, err.Error())
	}
}
