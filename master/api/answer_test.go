package api

import (
	"reflect"
	"testing"

	"capricornus/common/store"
	"capricornus/common/wire"
)

func TestAttemptsShowWhatWasAnswered(t *testing.T) {
	tests := map[string]struct {
		result string
		want   *wire.HTTPAnswer
	}{
		"AnAnswer":        {`{"status":202,"headers":{"x":"y"},"body":"ok","bytes":2,"millis":7}`, &wire.HTTPAnswer{Status: 202, Headers: map[string]string{"x": "y"}, Body: "ok", Bytes: 2, Millis: 7}},
		"WithoutHeaders":  {`{"status":204}`, &wire.HTTPAnswer{Status: 204, Headers: map[string]string{}}},
		"NoAnswer":        {"", nil},
		"HalfAnAnswer":    {`{"status":20`, nil},
		"SomethingForged": {`{"status":"fine"}`, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := viewAttempts([]store.Instance{{Result: test.result}})
			if !reflect.DeepEqual(got[0].Answer, test.want) {
				t.Errorf("got %+v, want %+v", got[0].Answer, test.want)
			}
		})
	}
}
