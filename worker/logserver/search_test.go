package logserver

import (
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"

	"capricornus/common/wire"
)

func TestSearchingALog(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.attempt(1, "Error <one>\nfine\nerror \xff two\n")
	for name, c := range map[string]struct {
		call wire.LogCall
		want string
	}{
		"Word":       {wire.LogCall{Search: "rror"}, `{"items":[{"offset":0,"line":"Error \u003cone\u003e"},{"offset":17,"line":"error ` + "\uFFFD" + ` two"}],"next":29,"complete":true}`},
		"Expression": {wire.LogCall{Search: "^e", Regexp: true}, `{"items":[{"offset":17,"line":"error ` + "\uFFFD" + ` two"}],"next":29,"complete":true}`},
		"OtherCase":  {wire.LogCall{Search: "FINE", IgnoreCase: true}, `{"items":[{"offset":12,"line":"fine"}],"next":29,"complete":true}`},
		"Some":       {wire.LogCall{Search: "rror", Limit: 1}, `{"items":[{"offset":0,"line":"Error \u003cone\u003e"}],"next":12,"complete":false}`},
		"GoingOn":    {wire.LogCall{Search: "rror", Limit: 1, Offset: 12}, `{"items":[{"offset":17,"line":"error ` + "\uFFFD" + ` two"}],"next":29,"complete":true}`},
		"Nothing":    {wire.LogCall{Search: "none"}, `{"items":[],"next":29,"complete":true}`},
	} {
		c.call.WorkID = 1
		got := r.ask(c.call)
		if got.status != http.StatusOK || strings.TrimSpace(got.text) != c.want || got.head.Get("Content-Type") != "application/json" {
			t.Errorf("%s: got %d %s\nwant %s", name, got.status, got.text, c.want)
		}
	}
}

func TestOnlySomeSearchesAtATime(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.attempt(1, "text\n")
	for range maxSearches {
		r.server.searches <- struct{}{}
	}
	if got := r.ask(wire.LogCall{Held: wire.Held{WorkID: 1}, Search: "x"}); got.status != http.StatusTooManyRequests || got.head.Get("Retry-After") == "" {
		t.Errorf("got %+v, want it put off", got)
	}
	<-r.server.searches
	for range 3 {
		if got := r.ask(wire.LogCall{Held: wire.Held{WorkID: 1}, Search: "x"}); got.status != http.StatusOK {
			t.Errorf("got %+v, want it done, and its place given back", got)
		}
	}
}

func TestALineOfAHundredMegabytes(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	a := r.attempt(1, "")
	file, err := os.OpenFile(a.Path()+"/log", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for at, text := range map[int64]string{0: "first\n", 60 << 20: "needle", 100 << 20: "end\nlast\n"} {
		if _, err := file.WriteAt([]byte(text), at); err != nil {
			t.Fatal(err)
		}
	}
	if got := r.ask(wire.LogCall{Held: wire.Held{WorkID: 1}, Tail: 2, Limit: 10}); !got.describes(100<<20+9, 6, 16) {
		t.Errorf("got %v, want the last lines from the long one", got.head)
	}
	var found wire.LogFound
	got := r.ask(wire.LogCall{Held: wire.Held{WorkID: 1}, Search: "needle"})
	if err := json.Unmarshal([]byte(got.text), &found); err != nil || len(found.Items) != 1 || !found.Complete || len(found.Items[0].Line) > 3<<10 {
		t.Fatalf("got %.200s, %v, want one match", got.text, err)
	}
	if m := found.Items[0]; m.Offset > 60<<20 || m.Offset < 60<<20-200 || !strings.Contains(m.Line, "needle") {
		t.Errorf("got %.200v, want the part with the needle", m)
	}
}
