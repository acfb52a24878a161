package logtext

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"capricornus/common/fault"
)

func of(text string) Text { return Text{At: strings.NewReader(text), Size: int64(len(text))} }

func TestPart(t *testing.T) {
	t.Parallel()
	plain, holed := of("0123456789"), of("0123456789")
	holed.Gap = Gap{From: 3, To: 7}
	kept := of("0123456789")
	kept.Gap = Gap{To: 6}
	for name, c := range map[string]struct {
		text          Text
		offset, limit int64
		want          Part
	}{
		"AllOfIt":                       {plain, 0, 100, Part{0, 10, 10}},
		"NoMoreThanTheLimit":            {plain, 2, 3, Part{2, 5, 5}},
		"LimitsBeyondAllNumbers":        {plain, 2, 1<<63 - 1, Part{2, 10, 10}},
		"FromTheEnd":                    {plain, -4, 100, Part{6, 10, 10}},
		"FromTheEndOfMoreThanThereIs":   {plain, -40, 100, Part{0, 10, 10}},
		"BeyondTheEndIsTheEnd":          {plain, 11, 100, Part{10, 10, 10}},
		"EndsBeforeTheGap":              {holed, 1, 100, Part{1, 3, 7}},
		"EndsAtTheGapByItsLimit":        {holed, 1, 2, Part{1, 3, 7}},
		"InTheGapMeansItsEnd":           {holed, 4, 2, Part{7, 9, 9}},
		"AtTheGapMeansItsEnd":           {holed, 3, 100, Part{7, 10, 10}},
		"BehindTheGap":                  {holed, 8, 100, Part{8, 10, 10}},
		"WithoutItsBeginning":           {kept, 0, 100, Part{6, 10, 10}},
		"WithoutItsBeginningFromTheEnd": {kept, -2, 100, Part{8, 10, 10}},
		"NothingOfNothing":              {of(""), 0, 100, Part{0, 0, 0}},
	} {
		if got := c.text.Part(c.offset, c.limit); got != c.want {
			t.Errorf("%s: got %+v, want %+v", name, got, c.want)
		}
	}
}

// rest reads a log from an offset to its end, over the gap.
func rest(t *testing.T, text Text, offset int64) string {
	t.Helper()
	var out bytes.Buffer
	for {
		part := text.Part(offset, 5_000)
		if part.From == part.To {
			return out.String()
		}
		piece := make([]byte, part.To-part.From)
		if _, err := text.At.ReadAt(piece, part.From); err != nil {
			t.Fatal(err)
		}
		out.Write(piece)
		offset = part.Next
	}
}

func TestLastLines(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 3*blockBytes+17)
	for _, c := range []struct {
		text string
		n    int
		want string
	}{
		{"", 3, ""},
		{"a", 1, "a"},
		{"a\n", 1, "a\n"},
		{"a\nb", 1, "b"},
		{"a\nb\n", 1, "b\n"},
		{"a\nb\nc\n", 2, "b\nc\n"},
		{"a\n\n", 1, "\n"},
		{"\n\n\n", 2, "\n\n"},
		{"a\nb", 9, "a\nb"},
		{"a\n" + long + "\n", 1, long + "\n"},
		{"a\n" + long, 1, long},
		{"a\nb\n" + long + "\n" + long + "\nc", 3, long + "\n" + long + "\nc"},
	} {
		text := of(c.text)
		offset, err := text.LastLines(t.Context(), c.n)
		if got := rest(t, text, offset); err != nil || got != c.want {
			t.Errorf("last %d of %.20q…: got %d bytes, %v, want %d", c.n, c.text, len(got), err, len(c.want))
		}
	}
}

func TestLastLinesOverAGap(t *testing.T) {
	t.Parallel()
	text := of("one\ntwo\ngone\nlost\nthree\nfour\n")
	text.Gap = Gap{From: 8, To: 18}
	for n, want := range map[int]string{1: "four\n", 2: "three\nfour\n", 3: "two\nthree\nfour\n", 4: "one\ntwo\nthree\nfour\n", 5: "one\ntwo\nthree\nfour\n"} {
		offset, err := text.LastLines(t.Context(), n)
		if got := rest(t, text, offset); err != nil || got != want {
			t.Errorf("last %d: got %q, %v, want %q", n, got, err, want)
		}
	}
}

func TestLastLinesInTimeForSomeOnly(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	text := of("a\nb\n")
	if offset, err := text.LastLines(ctx, 1); err != nil || offset != text.Size {
		t.Errorf("got %d, %v, want none of the lines", offset, err)
	}
}

func TestALogThatWasCutInItsGap(t *testing.T) {
	t.Parallel()
	for _, gap := range []Gap{{From: 4, To: 20}, {From: 12, To: 20}, {From: 4, To: 10}} {
		text := New(strings.NewReader("one\ntwo\nab"), 10, gap)
		want := "one\ntwo\nab"[:min(gap.From, 10)]
		if got := rest(t, text, 0); got != want {
			t.Errorf("%+v: got %q, want %q", gap, got, want)
		}
		for offset := int64(-12); offset < 22; offset++ {
			if part := text.Part(offset, 5); part.From > part.To || part.To > part.Next || part.Next > 10 {
				t.Errorf("%+v: got %+v from %d, want a part of what there is", gap, part, offset)
			}
		}
		if offset, err := text.LastLines(t.Context(), 9); err != nil || rest(t, text, offset) != want {
			t.Errorf("%+v: got lines from %d, %v, want %q", gap, offset, err, want)
		}
	}
}

func TestWholeRunes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"": 0, "ab": 2, "a五": 4, "a\xe4\xba": 1, "a\xe4": 1, "a\xf0\x9f\x98": 1, "a😀": 5, "a\xff": 2, "a\x80\x80\x80": 4, "\xba\xba": 2,
	} {
		if got := WholeRunes([]byte(text)); got != want {
			t.Errorf("%q: got %d, want %d", text, got, want)
		}
	}
}

func found(t *testing.T, text Text, pattern string, how How) []Match {
	t.Helper()
	p, err := Compile(pattern, how)
	if err != nil {
		t.Fatal(err)
	}
	got, err := text.Search(t.Context(), p, 0, 1000)
	if err != nil || !got.Complete || got.Next != text.Size {
		t.Fatalf("got %+v, %v, want all of it searched", got, err)
	}
	return got.Matches
}

func TestSearch(t *testing.T) {
	t.Parallel()
	const text = "Error one\nfine\r\n  ERROR two\r\nerror: 五\xff\nÉtat"
	for name, c := range map[string]struct {
		pattern string
		how     How
		want    string
	}{
		"Literal":               {"ERROR", How{}, "[{16   ERROR two}]"},
		"IgnoringCase":          {"ERROR", How{IgnoreCase: true}, "[{0 Error one} {16   ERROR two} {29 error: 五\uFFFD}]"},
		"OtherLettersIgnored":   {"éTAT", How{IgnoreCase: true}, "[{41 État}]"},
		"RegularExpression":     {`^\s*E\w+ (one|two)`, How{Regexp: true}, "[{0 Error one} {16   ERROR two}]"},
		"ExpressionIgnoresCase": {`^error`, How{Regexp: true, IgnoreCase: true}, "[{0 Error one} {29 error: 五\uFFFD}]"},
		"NotAnExpression":       {`E.*o`, How{}, "[]"},
		"EveryLine":             {`$`, How{Regexp: true}, "[{0 Error one} {10 fine} {16   ERROR two} {29 error: 五\uFFFD} {41 État}]"},
		"NoLineBreakIsSeen":     {`one\s*fine`, How{Regexp: true}, "[]"},
		"Nowhere":               {"nowhere", How{}, "[]"},
	} {
		if got := fmt.Sprint(found(t, of(text), c.pattern, c.how)); got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}

func TestSearchGoesOnWhereItEnded(t *testing.T) {
	t.Parallel()
	text := of(strings.Repeat("a line\nanother\n", 10_000))
	pattern, err := Compile("other", How{})
	if err != nil {
		t.Fatal(err)
	}
	seen, offset := 0, int64(0)
	for {
		got, err := text.Search(t.Context(), pattern, offset, 999)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range got.Matches {
			if m.Offset != int64(15*seen+7) {
				t.Fatalf("match %d: got offset %d, want %d", seen, m.Offset, 15*seen+7)
			}
			seen++
		}
		if offset = got.Next; got.Complete {
			break
		}
	}
	if seen != 10_000 {
		t.Errorf("got %d matches, want 10000", seen)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	got, err := text.Search(ctx, pattern, 0, 100_000)
	if err != nil || got.Complete || got.Next == 0 || got.Next > 2*blockBytes {
		t.Errorf("got %d matches to %d, %v, want the search to end with its time", len(got.Matches), got.Next, err)
	}
}

func TestSearchInALineOfAnyLength(t *testing.T) {
	t.Parallel()
	line := bytes.Repeat([]byte("x"), 5*blockBytes)
	for _, at := range []int{0, 1, blockBytes - 3, blockBytes - overlapBytes - 2, blockBytes, 2 * blockBytes, 3*blockBytes - 1, 5*blockBytes - 6} {
		text := append([]byte("first\n"), line...)
		copy(text[6+at:], "needle")
		text = append(text, "\nneedle in the last\n"...)
		got := found(t, of(string(text)), "needle", How{})
		if len(got) != 2 || !strings.Contains(got[0].Line, "needle") || len(got[0].Line) > shownBytes || got[1].Line != "needle in the last" {
			t.Fatalf("at %d: got %d matches, want the long line and the last", at, len(got))
		}
		if from := int(got[0].Offset); string(text[from:from+len(got[0].Line)]) != got[0].Line {
			t.Errorf("at %d: got offset %d, want that of what is shown", at, from)
		}
	}
}

func TestSearchOverAGap(t *testing.T) {
	t.Parallel()
	text := of("needle 1\nneed\x00\x00needle\x00le 2\nneedle 3\n")
	text.Gap = Gap{From: 13, To: 22}
	if got := fmt.Sprint(found(t, text, "needle", How{})); got != "[{0 needle 1} {27 needle 3}]" {
		t.Errorf("got %s, want nothing of the gap, nor over it", got)
	}
}

// TestSearchFindsWhatALineByLineSearchFinds holds it against the simplest way.
func TestSearchFindsWhatALineByLineSearchFinds(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for range 30 {
		var text bytes.Buffer
		for text.Len() < 3*blockBytes {
			line := bytes.Repeat([]byte("ab"), random.IntN(1<<random.IntN(12)))
			if random.IntN(3) == 0 {
				line = append(line, "needle"...)
			}
			text.Write(append(line, '\n'))
		}
		expr, want, at := regexp.MustCompile("ne+dle$"), "", 0
		for line := range strings.Lines(text.String()) {
			if found := expr.FindStringIndex(strings.TrimSuffix(line, "\n")); found != nil {
				shown := 0
				if found[1] > shownBytes {
					shown = found[0] - shownBefore
				}
				want += fmt.Sprint(at+shown, " ")
			}
			at += len(line)
		}
		got := ""
		for _, m := range found(t, of(text.String()), "ne+dle$", How{Regexp: true}) {
			got += fmt.Sprint(m.Offset, " ")
		}
		if got != want {
			t.Fatalf("got %s\nwant %s", got, want)
		}
	}
}

func TestCompileRefuses(t *testing.T) {
	t.Parallel()
	for pattern, how := range map[string]How{
		"": {}, strings.Repeat("x", patternBytes+1): {}, "a\nb": {}, "\xff": {}, "(": {Regexp: true}, "a**": {Regexp: true}, `\pX`: {Regexp: true},
		"(a{30}){30}b{200}": {Regexp: true}, strings.Repeat("a{999}", 30): {Regexp: true}, "a{1001}": {Regexp: true}, `(?<x`: {Regexp: true},
	} {
		if _, err := Compile(pattern, how); fault.CodeOf(err) != fault.Usage {
			t.Errorf("%.20q: got %v, want it refused", pattern, err)
		}
	}
	if _, err := Compile(strings.Repeat("五", 66), How{}); err != nil {
		t.Errorf("got %v, want 198 bytes taken", err)
	}
}

func FuzzSearch(f *testing.F) {
	f.Add("one\ntwo\n", "o", true, int64(0))
	f.Add("a\xff\r\n", `^a|b$`, false, int64(-1))
	f.Fuzz(func(t *testing.T, log, pattern string, word bool, offset int64) {
		p, err := Compile(pattern, How{Regexp: !word, IgnoreCase: true})
		if err != nil {
			return
		}
		text := of(log)
		got, err := text.Search(t.Context(), p, offset, 10)
		if err != nil || got.Next < 0 || got.Next > text.Size || got.Complete != (got.Next == text.Size) && len(got.Matches) < 10 {
			t.Errorf("got %+v, %v of %d bytes", got, err, text.Size)
		}
	})
}
