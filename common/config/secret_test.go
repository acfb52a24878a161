package config_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"capricornus/common/config"
	"capricornus/common/fault"
	"capricornus/common/logs"
)

const canary = "canary-7f3a"

// TestASecretIsNeverPrinted tries every way a configuration could be shown.
func TestASecretIsNeverPrinted(t *testing.T) {
	source := config.Source{
		Hostname: "here",
		Environ:  environ(map[string]string{"CAPRI_MASTER_DATABASE_DSN": canary, "CAPRI_DEV_DATABASE": canary}),
	}
	m, err := config.LoadMaster(source)
	if err != nil {
		t.Fatal(err)
	}
	d, err := config.LoadDev(source)
	if err != nil {
		t.Fatal(err)
	}
	if m.Database.DSN.Reveal() != canary || d.Database.Reveal() != canary {
		t.Fatal("got no secret, want the canary")
	}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T", "%t"} {
		fmt.Fprintf(&out, verb+verb+verb, m, &m, m.Database.DSN)
		fmt.Fprintf(&out, verb+verb, d, &d)
	}
	fmt.Fprint(&out, m.String(), d.String(), m.Database)
	for _, handler := range []slog.Handler{slog.NewJSONHandler(&out, nil), slog.NewTextHandler(&out, nil)} {
		slog.New(handler).Info("starting", logs.State, &m, logs.Node, m, logs.Path, m.Database.DSN, logs.Reason, &d)
	}
	asJSON, err := json.Marshal([]any{m, d})
	if err != nil {
		t.Fatal(err)
	}
	asYAML, err := yaml.Marshal([]any{m, d})
	if err != nil {
		t.Fatal(err)
	}
	out.Write(asJSON)
	out.Write(asYAML)
	for _, leak := range []string{canary, fmt.Sprintf("%x", canary), fmt.Sprintf("%X", canary)} {
		if strings.Contains(out.String(), leak) {
			t.Errorf("got the secret in %s, want it redacted", out.String())
		}
	}
	if !strings.Contains(m.String(), `database.dsn="[redacted]"`) {
		t.Errorf("got %s, want a sign that there is a secret", m.String())
	}
}

func TestASecretIsNotQuotedInErrors(t *testing.T) {
	for _, text := range []string{
		"database: {dsn: " + canary + "\n",
		"database:\n  dsn: " + canary + "\n dsn_file: [\n",
		"database:\n  dsn: [" + canary + "]\n",
		"database:\n  dsn: {a: " + canary + "}\n",
		"database:\n  dsn: " + canary + "\n  dsn: x\n",
	} {
		_, err := config.LoadMaster(config.Source{File: write(t, text), Hostname: "here"})
		if err == nil || strings.Contains(err.Error(), canary) {
			t.Errorf("file %q: got %v, want an error without the secret", text, err)
		}
	}
}

func TestReadSecret(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good := file("good", " "+canary+"\n", 0o640)
	if got, err := config.ReadSecret(good); err != nil || got.Reveal() != canary {
		t.Errorf("got %q, %v, want the trimmed text", got.Reveal(), err)
	}
	database := config.Database{DSNFile: good}
	if got, err := database.Connection(); err != nil || got.Reveal() != canary {
		t.Errorf("got %q, %v, want the content of dsn_file", got.Reveal(), err)
	}
	database.DSN = "direct"
	if got, _ := database.Connection(); got.Reveal() != "direct" {
		t.Errorf("got %q, want dsn to win over dsn_file", got.Reveal())
	}
	for path, want := range map[string]fault.Code{
		file("open", canary, 0o644):      fault.Invalid,
		file("empty", "\n", 0o600):       fault.Invalid,
		filepath.Join(dir, "missing"):    fault.NotFound,
		dir + string(filepath.Separator): fault.Invalid,
	} {
		_, err := config.ReadSecret(path)
		if fault.CodeOf(err) != want || strings.Contains(err.Error(), canary) {
			t.Errorf("%s: got %v, want %s", path, err, want)
		}
	}
}

func TestSizes(t *testing.T) {
	for text, want := range map[string]config.Size{"0": 0, "1000": 1000, "512Mi": 512 << 20, "2Gi": 2 << 30, "1Ti": 1 << 40, "3Ki": 3 << 10} {
		got, err := config.ParseSize(text)
		if err != nil || got != want || got.String() != text {
			t.Errorf("ParseSize(%q): got %d (%s), %v, want %d", text, got, got, err, want)
		}
	}
	for _, text := range []string{"", "-1", "2GB", "Gi", "1.5Gi", "9223372036854775807Ki"} {
		if _, err := config.ParseSize(text); err == nil {
			t.Errorf("ParseSize(%q): got no error, want one", text)
		}
	}
}

func FuzzFile(f *testing.F) {
	f.Add("node: m1\nraft: {peers: {a: \"b:1\"}}\n")
	f.Add("? [a]\n: b\n")
	f.Add("<<: *x\n")
	f.Add("node: !!str |\n  x\n")
	f.Fuzz(func(t *testing.T, text string) {
		path := filepath.Join(t.TempDir(), "f.yaml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, _ = config.LoadMaster(config.Source{File: path, Hostname: "here"})
	})
}
