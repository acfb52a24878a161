package channel_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"capricornus/common/config"
	"capricornus/master/notice/channel"
)

// FuzzAnswer lets a gateway answer anything: what is kept is one short line of
// text without the secret.
func FuzzAnswer(f *testing.F) {
	f.Add(200, `{"code": 0, "data": {"id": "x"}}`, "data.id", "code")
	f.Add(500, `{"msg": "`+canary+`"}`, "a.0.b", "msg")
	f.Add(200, "[[[[", "0.0.0", "..")
	f.Add(404, "\xff\u202e\x1b[2J", "", "")
	f.Fuzz(func(t *testing.T, status int, answer, receipt, field string) {
		cfg := channel.GatewayConfig{Receipt: receipt, Permanent: []string{"1"}}
		if field != "" {
			cfg.Success = config.Success{Field: field, Equals: "0"}
		}
		kept, err := channel.Judge(cfg, status, answer, canary)
		if err != nil {
			kept = err.Error()
		}
		noCanary(t, kept)
		if kept == "" || !utf8.ValidString(kept) || len([]rune(kept)) > 800 || strings.ContainsAny(kept, "\n\r\x1b") {
			t.Errorf("got %q, want one short line", kept)
		}
	})
}
