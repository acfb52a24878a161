package textdiff

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestUnified(t *testing.T) {
	t.Parallel()
	numbers := func(a, b int, change ...string) string {
		var out strings.Builder
		for i := a; i <= b; i++ {
			line := fmt.Sprint(i)
			for _, c := range change {
				if key, text, _ := strings.Cut(c, "="); key == line {
					line = text
				}
			}
			if line != "" {
				out.WriteString(line + "\n")
			}
		}
		return out.String()
	}
	for name, c := range map[string]struct{ from, to, want string }{
		"Same":      {"a\n", "a\n", ""},
		"Changed":   {"a\nb\nc\n", "a\nB\nc\n", "@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n"},
		"New":       {"", "a\nb\n", "@@ -0,0 +1,2 @@\n+a\n+b\n"},
		"Gone":      {"a\n", "", "@@ -1 +0,0 @@\n-a\n"},
		"NoEnd":     {"a\n", "a", "@@ -1 +1 @@\n-a\n+a\n\\ No newline at end of file\n"},
		"FarApart":  {numbers(1, 20), numbers(1, 20, "2=two", "18=x"), "@@ -1,5 +1,5 @@\n 1\n-2\n+two\n 3\n 4\n 5\n@@ -15,6 +15,6 @@\n 15\n 16\n 17\n-18\n+x\n 19\n 20\n"},
		"Near":      {numbers(1, 12), numbers(1, 12, "3=", "9=n"), "@@ -1,12 +1,11 @@\n 1\n 2\n-3\n 4\n 5\n 6\n 7\n 8\n-9\n+n\n 10\n 11\n 12\n"},
		"Different": {numbers(1, 3), numbers(4, 5), "@@ -1,3 +1,2 @@\n-1\n-2\n-3\n+4\n+5\n"},
	} {
		want := c.want
		if want != "" {
			want = "--- was\n+++ is\n" + want
		}
		if got := Unified("was", "is", c.from, c.to); got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
		}
	}
}

func TestDifferencesLeadFromOneToTheOther(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	text := func(n, words int) string {
		var b strings.Builder
		for range random.IntN(n) {
			fmt.Fprintf(&b, "%d\n", random.IntN(words))
		}
		return b.String()
	}
	for i := range 300 {
		from, to := text(40, 6), text(40, 6)
		if i%50 == 0 {
			from, to = text(3000, 1_000_000), text(3000, 1_000_000)
		}
		if got := follow(lines(from), compare(lines(from), lines(to))); got != to {
			t.Fatalf("got\n%s\nwant\n%s", got, to)
		}
	}
}

// follow applies edits to a text and wants them to be about that text.
func follow(from []string, edits []edit) string {
	var b strings.Builder
	for _, e := range edits {
		if e.kind != added {
			if len(from) == 0 || from[0] != e.text {
				return "a line that is not there: " + e.text
			}
			from = from[1:]
		}
		if e.kind != removed {
			b.WriteString(e.text + "\n")
		}
	}
	return b.String() + strings.Join(from, "\n")
}
