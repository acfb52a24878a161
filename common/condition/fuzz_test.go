package condition

import (
	"strings"
	"testing"
)

// FuzzParse holds that no text breaks the parser, and that what it takes can be
// asked of every answer.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`json.state == "done" && json.rows > 0`, `headers["x-state"] matches "^o"`, `all(json, .ok == true)`, `json?.a?.b in [1, 2]`,
		`len(body) > 0 ? true : status == 204`, `let x = json.a; x != nil && x.b == 1`, `status in 200..299`, `body | trim() | upper() == "OK"`,
	} {
		f.Add(seed, `{"state": "done", "rows": 5}`)
	}
	f.Fuzz(func(t *testing.T, text, body string) {
		c, err := Parse(text)
		if err != nil {
			if strings.TrimSpace(err.Error()) == "" {
				t.Errorf("got an empty reason for %q", text)
			}
			return
		}
		if err := c.Check(answer(body)); err != nil && err.Error() == "" {
			t.Errorf("got an empty reason of %q", text)
		}
	})
}
