package task

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "rewrite golden files")

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got\n%s\nwant %s\n%s", got, file, want)
	}
}

func text(findings []Finding) string {
	var b strings.Builder
	for _, f := range findings {
		b.WriteString(f.String() + "\n")
	}
	return b.String()
}

// load reads a file without findings.
func load(t *testing.T, name string, data string) []Document {
	t.Helper()
	docs, findings := Parse(name, []byte(data))
	if len(findings) > 0 {
		t.Fatalf("got findings:\n%swant none", text(findings))
	}
	return docs
}

func badFiles(t testing.TB) []string {
	t.Helper()
	var files []string
	for _, pattern := range []string{"testdata/bad/*.yaml", "testdata/bad/*.json"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	return files
}

func TestEveryKindOfBadInputHasItsFinding(t *testing.T) {
	files := badFiles(t)
	if len(files) < 30 {
		t.Fatalf("got %d files, want at least 30", len(files))
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			docs, findings := Parse(filepath.Base(file), data)
			findings = append(findings, Lint(docs, nil)...)
			if len(findings) == 0 {
				t.Error("got no finding, want some")
			}
			golden(t, file+".golden", text(findings))
		})
	}
}

func TestTheDocumentedFileIsGood(t *testing.T) {
	data, err := os.ReadFile("testdata/good/full.yaml")
	if err != nil {
		t.Fatal(err)
	}
	docs := load(t, "full.yaml", string(data))
	if got := Lint(docs, nil); len(got) != 0 {
		t.Errorf("got findings:\n%swant none", text(got))
	}
	got, err := json.MarshalIndent(docs[1].Task, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/good/full.json", string(got)+"\n")
	if d := docs[1]; d.Line != 5 || docs[2].Task.Spec.Earliest.Minutes != 599 {
		t.Errorf("got line %d and earliest %d, want 5 and 599", d.Line, docs[2].Task.Spec.Earliest.Minutes)
	}
}

func TestJSONIsReadLikeYAML(t *testing.T) {
	data, err := os.ReadFile("testdata/good/full.json")
	if err != nil {
		t.Fatal(err)
	}
	yaml, err := os.ReadFile("testdata/good/full.yaml")
	if err != nil {
		t.Fatal(err)
	}
	want := load(t, "full.yaml", string(yaml))[1].Task
	list := "[" + string(data) + "]"
	for name, text := range map[string]string{"a.json": string(data), "without suffix": string(data), "list": list, "b.json": string(data) + string(data)} {
		docs := load(t, name, text)
		if got := docs[0].Task; !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v, want %+v", name, got, want)
		}
	}
}

const minimal = "apiVersion: capri/v1\nkind: Task\nmetadata: {name: a, project: p, owner: o}\nspec: {period: day, run: {script: x}}\n"

func TestDefaultsAreFilledIn(t *testing.T) {
	got := *load(t, "a.yaml", minimal)[0].Task
	want := Task{
		APIVersion: "capri/v1", Kind: "Task", Metadata: Metadata{Name: "a", Project: "p", Owner: "o"},
		Spec: Spec{
			Period: "day", Enabled: true, Priority: 5, MaxRunning: 1, Success: "exit-code", OnWorkerLost: "wait",
			Workers: Workers{Group: "default", Policy: "health-first"},
			Quality: Quality{OnSilence: "wait", After: Duration(30 * time.Minute)},
			Retry:   Retry{Times: 3, Interval: Duration(30 * time.Second), Backoff: 2},
			Run:     Run{Type: "shell", Script: "x"}, Alerts: Alerts{Default: true},
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestTenOClockOfADayTaskIs599(t *testing.T) {
	docs := load(t, "a.yaml", strings.Replace(minimal, "period: day", `earliest: "10:00", period: day`, 1))
	want := Offset{Set: true, Minutes: 599, Text: "10:00"}
	if got := docs[0].Task.Spec.Earliest; got != want || got.Column() != 599 {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestMinusOneIsNoOffset(t *testing.T) {
	docs := load(t, "a.yaml", strings.Replace(minimal, "period: day", `earliest: -1, period: day`, 1))
	if got := docs[0].Task.Spec.Earliest; got != (Offset{}) || got.Column() != -1 {
		t.Errorf("got %+v, want none", got)
	}
}

func TestAFileOverTheLimitIsRefused(t *testing.T) {
	docs, findings := Parse("big.yaml", make([]byte, 2<<20))
	want := "big.yaml:1: error: the file has 2097152 bytes, at most 1048576 are read; split it into several files [too-large]\n"
	if got := text(findings); got != want || len(docs) > 0 {
		t.Errorf("got %q and %d documents, want %q and none", got, len(docs), want)
	}
}

// TestAFileOfManyDocumentsMayBeLarge: an export is one file.
func TestAFileOfManyDocumentsMayBeLarge(t *testing.T) {
	one := "---\n" + minimal
	all := strings.Repeat(one, 1+(2<<20)/len(one))
	docs, findings := Parse("big.yaml", []byte(all))
	if len(docs) != strings.Count(all, "---\n") || HasErrors(findings) {
		t.Errorf("got %d documents and %.200s, want all of them", len(docs), text(findings))
	}
	for name, c := range map[string]struct{ text, want string }{
		"ALargeDocument":   {one + "---\n# " + strings.Repeat("x", 1<<20) + "\n" + one, "a.yaml:6: error: the document has 1048583 bytes"},
		"TooManyDocuments": {strings.Repeat("---\n", 30_000), "a.yaml:1: error: the file has 30000 documents, at most 25000 are read"},
		"TooLarge":         {strings.Repeat(one, (33<<20)/len(one)), "a.yaml:1: error: the file has"},
	} {
		if _, findings := Parse("a.yaml", []byte(c.text)); !strings.Contains(text(findings), c.want) {
			t.Errorf("%s: got %.200s, want %q", name, text(findings), c.want)
		}
	}
}

func TestWindowsLineEndsAndAByteOrderMarkAreRead(t *testing.T) {
	data := "\xef\xbb\xbf" + strings.ReplaceAll(strings.Replace(minimal, "{script: x}", "{script: \"a\\n\"}", 1)+
		"---\n"+strings.Replace(minimal, "{period: day, run: {script: x}}", "\n  period: day\n  run:\n    script: |\n      a\n      b\n", 1), "\n", "\r\n")
	docs := load(t, "a.yaml", data)
	if got, want := docs[1].Task.Spec.Run.Script, "a\nb\n"; got != want {
		t.Errorf("got script %q, want %q", got, want)
	}
	if got := docs[1].Line; got != 6 {
		t.Errorf("got line %d, want 6", got)
	}
}

func TestABrokenDocumentStillCountsByName(t *testing.T) {
	data := strings.Replace(minimal, "spec: {", "spec: {banana: 1, ", 1) + "---\n" +
		strings.Replace(strings.Replace(minimal, "name: a", "name: b", 1), "spec: {", "spec: {parents: [{task: a}], ", 1)
	docs, findings := Parse("a.yaml", []byte(data))
	if len(findings) != 1 || len(docs) != 2 || !docs[0].Broken || docs[1].Broken {
		t.Fatalf("got %d documents and findings:\n%swant two documents, the first broken", len(docs), text(findings))
	}
	for _, f := range Lint(docs, nil) {
		if strings.Contains(f.Message, "parent") {
			t.Errorf("got %s, want nothing said about the broken parent", f)
		}
	}
}

func TestAlertsSwitchedOffStayOff(t *testing.T) {
	docs := load(t, "a.yaml", strings.Replace(minimal, "period: day", "retry: {interval: 0s}, alerts: {default: false}, period: day", 1))
	data, err := json.Marshal(docs[0].Task)
	if err != nil {
		t.Fatal(err)
	}
	again := load(t, "a.json", string(data))
	if !reflect.DeepEqual(again[0].Task, docs[0].Task) || again[0].Task.Spec.Alerts.Default {
		t.Errorf("got %s, want alerts off and no interval", data)
	}
}

// Input made to be slow must not be: each of these once cost minutes in the
// scanner or the parser behind Parse. No time is asserted; the run is it.
func TestHugeInputEndsSoon(t *testing.T) {
	n := MaxFileBytes - 100
	fill := func(s string) string { return strings.Repeat(s, n/len(s)) }
	keys := strings.Builder{}
	for i := 0; keys.Len() < n; i++ {
		keys.WriteString("k" + strings.Repeat("x", i%7) + time.Duration(i).String() + ": b\n")
	}
	cases := map[string]string{
		"Keys": keys.String(), "SameKey": fill("a: b\n"), "FlowPairs": "{" + fill("b: c,") + "}", "FlowList": "[" + fill("b,") + "]",
		"OpenBrackets": fill("["), "OpenBraces": fill("{a: "), "CloseBrackets": fill("]"), "CompactLists": fill("- "), "Questions": fill("? "),
		"Colons": fill(": "), "Tags": fill("!a "), "Anchors": fill("&a "), "Aliases": fill("*a "), "Blanks": "a: |\n x\n" + fill("\n"),
		"BlankRuns": "a: |\n" + fill(" x\n"+strings.Repeat("\n", 190)), "SpacedBlanks": "a: |\n x\n" + fill("  \n"),
		"Documents": fill("---\n"), "Quotes": "a: \"" + fill("x\n "), "Single": "a: '" + fill("'' "), "Comments": fill("# c\n"), "Hashes": fill("#"),
		"Spaces": fill(" "), "Plain": "a: " + fill("w\n  "), "Literal": "a: |\n" + fill("  w\n"), "Folded": "a: >\n" + fill("  w\n"),
		"Escapes": "a: \"" + fill("\\x41") + "\"", "Digits": "a: " + fill("1"), "JSONDeep": fill("{\"a\":"), "Percent": fill("%A\n"),
		"FoldedIndents": "a: >\n" + fill("  w\n   w\n"), "Nested": fill("a:\n b:\n"), "Minuses": fill("-"), "Words": fill("word "), "Dots": fill("...\n"), //nolint:dupword // one word again and again
	}
	for name, text := range cases {
		t.Run(name, func(t *testing.T) {
			if docs, findings := Parse("slow.yaml", []byte(text)); len(docs) > 0 || len(findings) == 0 {
				t.Errorf("got %d documents and %d findings, want none and some", len(docs), len(findings))
			}
		})
	}
}
