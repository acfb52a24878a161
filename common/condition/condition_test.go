package condition

import (
	"encoding/json"
	"strings"
	"testing"
)

func answer(body string) Answer {
	a := Answer{Status: 200, Headers: map[string]string{"x-state": "ok"}, Body: body}
	_ = json.Unmarshal([]byte(body), &a.JSON)
	return a
}

func TestCheck(t *testing.T) {
	tests := map[string]struct{ text, body, reason string }{
		"FieldsOfTheBody":         {`json.state == "done" && json.rows > 0`, `{"state":"done","rows":5}`, ""},
		"StatusHeadersAndText":    {`status == 200 && headers["x-state"] == "ok" && body contains "fine"`, `all fine`, ""},
		"Lists":                   {`all(json, .ok)`, `[{"ok":true},{"ok":true}]`, ""},
		"TheValueSeenIsNamed":     {`json.state == "done"`, `{"state":"running"}`, `json.state is "running": the condition json.state == "done" does not hold`},
		"EachValueSeenIsNamed":    {`json.a == 1 && json.b.c == 2`, `{"a":1,"b":{"c":3.5}}`, `json.a is 1, json.b.c is 3.5: the condition`},
		"AMissingFieldIsSaid":     {`json.state == "done"`, `{}`, `json.state is missing: the condition`},
		"TheStatusIsNamed":        {`status == 202`, ``, `status is 200: the condition`},
		"AFieldOfAMissingOne":     {`json.a.b == 1`, `{}`, `cannot be answered: cannot fetch b from <nil>`},
		"ABodyThatIsNotJSON":      {`json.state == "done"`, `<html>`, `cannot be answered: the body is not JSON`},
		"AskedCarefully":          {`json?.state == "done"`, `<html>`, `the condition json?.state == "done" does not hold`},
		"NumbersOfTextAreRefused": {`json.rows > 0`, `{"rows":"5"}`, `cannot be answered: invalid operation: string > int`},
		"TooMuchMemory":           {`len(map(1..100000000, #)) > 0`, ``, `cannot be answered: memory budget exceeded`},
		"LongValuesAreCut":        {`body == ""`, strings.Repeat("x", 1000), strings.Repeat("x", 80) + "…\""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c, err := Parse(test.text)
			if err != nil {
				t.Fatal(err)
			}
			err = c.Check(answer(test.body))
			if test.reason == "" {
				if err != nil {
					t.Errorf("got %v, want it to hold", err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), test.reason) {
				t.Errorf("got %v, want %s", err, test.reason)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	tests := map[string]struct{ text, reason string }{
		"NoTruthValue":     {`status`, "expected bool"},
		"UnknownNames":     {`stat == 200`, "unknown name stat"},
		"BadSyntax":        {`status ==`, "unexpected token"},
		"Nothing":          {``, "unexpected token"},
		"TheClock":         {`now().Year() > 2000`, "now"},
		"EndlessText":      {`len(repeat(body, 1000000)) > 0`, "repeat"},
		"WrongTypes":       {`status == "ok"`, "mismatched types"},
		"TooLong":          {strings.Repeat(" ", 2001), "at most 2000"},
		"TooManyParts":     {strings.Repeat("!", 1000) + "true", "maximum"},
		"SomethingUnclear": {`json.ok`, "expected bool"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := Parse(test.text)
			if err == nil || !strings.Contains(err.Error(), test.reason) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %v, want one line with %s", err, test.reason)
			}
		})
	}
}
