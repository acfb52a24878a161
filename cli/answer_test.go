package cli

import (
	"strings"
	"testing"

	"capricornus/common/wire"
)

func TestBatchShowHasTheAnswer(t *testing.T) {
	one, zero := 1, 0
	detail := wire.BatchDetail{Batch: someBatch(t), Attempts: []wire.Attempt{
		{Attempt: 1, Host: "w1", ExitCode: &one, Outcome: "failed", Reason: "exit code 1: status 500 is not one of 200 to 299", Answer: &wire.HTTPAnswer{Status: 500, Body: "broken"}},
		{Attempt: 2, Host: "w1", ExitCode: &zero, Outcome: "success", Answer: &wire.HTTPAnswer{
			Status: 200, Headers: map[string]string{"content-type": "application/json"}, Body: "{\n  \"state\": \"done\x1b[31m\"\n}\n", Bytes: 22, Millis: 31,
		}},
		{Attempt: 3, Host: "w2"},
	}}
	m := newMaster(t, map[string]any{"GET /batches/dwd_access_d/20150518": detail})
	golden(t, "batch-show-answer", at(m).run(t, "batch", "show", "dwd_access_d/20150518").out)
}

func TestTheHeadOfABody(t *testing.T) {
	tests := map[string]struct {
		answer wire.HTTPAnswer
		want   string
	}{
		"Empty":     {wire.HTTPAnswer{}, ""},
		"Lines":     {wire.HTTPAnswer{Body: "a\nb\n"}, "a|b"},
		"Truncated": {wire.HTTPAnswer{Body: "a", Truncated: true}, "a|…"},
		"ManyLines": {wire.HTTPAnswer{Body: strings.Repeat("a\n", 50)}, strings.Repeat("a|", 10) + "…"},
		"OneLong":   {wire.HTTPAnswer{Body: strings.Repeat("批", 5000)}, strings.Repeat("批", 2000) + "|…"},
		"Binary":    {wire.HTTPAnswer{Body: "/w==", Base64: true}, "(not text; -o json has it in base64)"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := strings.Join(bodyHead(&test.answer), "|"); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
