package why

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"

	"capricornus/common/batch"
)

// verbs are the arguments a sentence takes, in order of their numbers.
func verbs(text string) []string {
	var out []string
	for i, m := range regexp.MustCompile(`%(?:\[(\d)\])?([.\d]*[a-z])`).FindAllStringSubmatch(text, -1) {
		n := i + 1
		if m[1] != "" {
			n, _ = strconv.Atoi(m[1])
		}
		out = append(out, strconv.Itoa(n)+m[2])
	}
	slices.Sort(out)
	return out
}

// TestTheCatalogueIsWhole wants every sentence in both languages, with the same
// arguments in both.
func TestTheCatalogueIsWhole(t *testing.T) {
	t.Parallel()
	for w, f := range catalogue() {
		if f.en == "" || f.zh == "" || f.en == f.zh {
			t.Errorf("got %+v for %q, want it in both languages", f, w)
		}
		if w != listComma && !strings.ContainsFunc(f.zh, func(r rune) bool { return unicode.Is(unicode.Han, r) }) && strings.Trim(f.zh, "(%s:)") != "" {
			t.Errorf("got %q for %q, want Chinese", f.zh, w)
		}
		if !slices.Equal(verbs(f.en), verbs(f.zh)) {
			t.Errorf("got arguments %v and %v for %q, want the same", verbs(f.en), verbs(f.zh), w)
		}
	}
}

// TestEveryWordIsInTheCatalogue reads the names of sentences from the source.
func TestEveryWordIsInTheCatalogue(t *testing.T) {
	t.Parallel()
	names, err := fs.Glob(os.DirFS("."), "words*.go")
	if err != nil || len(names) == 0 {
		t.Fatalf("got %v, %v, want the files of the catalogue", names, err)
	}
	words := 0
	for _, name := range names {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Values) != 1 {
				return true
			}
			if kind, ok := spec.Type.(*ast.Ident); ok && kind.Name == "word" {
				words++
				text, _ := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
				if _, known := catalogue()[word(text)]; !known {
					t.Errorf("got no sentence for %q", text)
				}
			}
			return true
		})
	}
	for _, g := range []batch.GateCode{
		batch.GateOperation, batch.GateLatest, batch.GateDisabled, batch.GateHeld, batch.GateQuality, batch.GateEarliest,
		batch.GateRetry, batch.GateMaximum, batch.GateAccount,
	} {
		for _, w := range []word{openWord(g), helpWord(g), phaseWord(string(g))} {
			if _, known := catalogue()[w]; !known {
				t.Errorf("got no sentence for %q", w)
			}
			words++
		}
	}
	for _, code := range []string{string(batch.GateData), string(batch.GateThird), string(batch.GateParent), string(batch.GateWorker), string(batch.GateQueue), PhaseScheduling, PhaseAssigned, PhaseRunning} {
		if _, known := catalogue()[phaseWord(code)]; !known {
			t.Errorf("got no label for %q", code)
		}
		words++
	}
	if words != len(catalogue()) {
		t.Errorf("got %d words for %d sentences, want each to have one", words, len(catalogue()))
	}
}

func TestSpans(t *testing.T) {
	t.Parallel()
	for ms, want := range map[int64][2]string{
		-5: {"0 s", "0 秒"}, 0: {"0 s", "0 秒"}, 350: {"350 ms", "350 毫秒"}, 1000: {"1 s", "1 秒"}, 61_000: {"1 min 1 s", "1 分 1 秒"},
		3_600_000: {"1 h", "1 小时"}, 5_430_000: {"1 h 30 min", "1 小时 30 分"}, 90_000_000: {"1 d 1 h", "1 天 1 小时"},
	} {
		for i, lang := range []string{English, Chinese} {
			if got := (speech{lang: lang, zone: time.UTC}).span(ms); got != want[i] {
				t.Errorf("got %q for %d ms in %s, want %q", got, ms, lang, want[i])
			}
		}
	}
}
