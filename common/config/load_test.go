package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"capricornus/common/config"
	"capricornus/common/fault"
)

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "capri.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func environ(pairs map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		text, found := pairs[name]
		return text, found
	}
}

func TestLaterSourcesWin(t *testing.T) {
	source := config.Source{
		File: write(t, "node: file\nlisten: 127.0.0.1:1\nprofile: large\nraft: {peers: {flag: \"a:1\", m2: \"b:2\"}}\n"),
		Environ: environ(map[string]string{
			"CAPRI_MASTER_NODE": "env", "CAPRI_MASTER_LISTEN": "127.0.0.1:2", "CAPRI_MASTER_TIMEZONE": "",
		}),
		Flags:    map[string]string{"node": "flag"},
		Hostname: "here",
	}
	m, err := config.LoadMaster(source)
	if err != nil {
		t.Fatal(err)
	}
	if m.Node != "flag" || m.Listen != "127.0.0.1:2" || m.Profile != "large" || m.Raft.Dir != "/var/lib/capri/raft" {
		t.Errorf("got %s, want node from the flag, listen from the environment, profile from the file", m.String())
	}
	if m.Advertise != "http://127.0.0.1:2" || m.Raft.Peers["m2"] != "b:2" {
		t.Errorf("got %s, want an advertised address and two peers", m.String())
	}
}

func TestDefaultsNeedNothing(t *testing.T) {
	m, err := config.LoadMaster(config.Source{Hostname: "here"})
	if err != nil || m.Node != "here" || m.Advertise != "http://here:8080" {
		t.Errorf("got %s, %v, want a valid master named here", m.String(), err)
	}
	w, err := config.LoadWorker(config.Source{})
	if hostname, _ := os.Hostname(); err != nil || w.Host != hostname {
		t.Errorf("got %s, %v, want a valid worker named %s", w.String(), err, hostname)
	}
	if _, err := config.LoadDev(config.Source{}); err != nil {
		t.Errorf("got %v, want a valid default", err)
	}
}

func TestAllProblemsAtOnce(t *testing.T) {
	file := write(t, `hots: w1
masters: http://m1:8080
slots: many
limits:
  load: -1
  free_dsk: 2Gi
  free_disk: 3Zi
root: work
labels: {disk: [a]}
accounts: [root]
`)
	source := config.Source{
		File: file, Hostname: "here",
		Environ: environ(map[string]string{"CAPRI_WORKER_GROUP": "no good"}),
		Flags:   map[string]string{"listen": "nowhere"},
	}
	_, err := config.LoadWorker(source)
	if fault.CodeOf(err) != fault.Invalid {
		t.Fatalf("got %v, want %s", err, fault.Invalid)
	}
	for _, want := range []string{
		file + `:1: unknown key "hots": did you mean "host"?`,
		file + ":2: masters: write a list, for example [a, b]",
		file + `:3: slots: "many" is not a whole number`,
		file + ":5: limits.load: -1 is below 0",
		file + `:6: unknown key "limits.free_dsk": did you mean "limits.free_disk"?`,
		file + `:7: limits.free_disk: "3Zi" is not a size`,
		file + `:8: root: "work" is not a directory of its own`,
		file + ":9: labels: write one plain value here",
		file + ":10: accounts: scripts never run as root",
		`CAPRI_WORKER_GROUP: group: "no good" is not a name`,
		`--listen: listen: "nowhere" is not an address to listen on`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("got %v\nwant a line with %q", err, want)
		}
	}
	if !strings.HasPrefix(err.Error(), "the configuration has 11 problems:\n  ") {
		t.Errorf("got %q, want 11 problems", err)
	}
}

func TestFilesThatAreNoConfiguration(t *testing.T) {
	cases := map[string]struct{ text, want string }{
		"ABrokenOneNamesTheLine":     {"node: m1\nraft: {dir: x\n", "capri.yaml:"},
		"AListWantsKeys":             {"- a\n- b\n", "capri.yaml:1: write keys and values here"},
		"TwoDocumentsAreOneTooMany":  {"node: a\n---\nnode: b\n", "write one"},
		"ADuplicateKeyIsNotAccepted": {"node: a\nnode: b\n", "capri.yaml:2: "},
		"AnAliasIsNotAPlainValue":    {"node: &n a\n", "write one plain value"},
		"AWordInTheWrongSection":     {"dsn_file: /x\n", `did you mean "database.dsn_file"?`},
		"AWordThatIsNothing":         {"qqqqqqqq: /x\n", "`capri config reference` lists the keys"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := config.LoadMaster(config.Source{File: write(t, c.text), Hostname: "here"})
			if fault.CodeOf(err) != fault.Invalid || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
	if _, err := config.LoadMaster(config.Source{File: "nowhere.yaml"}); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("got %v, want %s", err, fault.NotFound)
	}
	for _, empty := range []string{"", "\n", "# nothing\n", "---\n", "raft:\n"} {
		if _, err := config.LoadMaster(config.Source{File: write(t, empty), Hostname: "here"}); err != nil {
			t.Errorf("file %q: got %v, want the defaults", empty, err)
		}
	}
}

func TestMasterValidation(t *testing.T) {
	cases := map[string]struct{ key, text, want string }{
		"AnUnknownDriverGetsASuggestion": {"database.driver", "mysqll", `write mysql or sqlite (did you mean "mysql"?)`},
		"AnUnknownZoneIsNamed":           {"timezone", "Asia/Beijing", `"Asia/Beijing" is not a time zone`},
		"APeerNeedsAPort":                {"raft.peers", "m1=m1", `"m1" is not the address of a peer`},
		"APeerIsNameAndAddress":          {"raft.peers", "m1", `"m1" is not name=value`},
		"ThisMasterIsAmongThePeers":      {"raft.peers", "m2=m2:7400", `this master, "here", is not among them`},
		"AnAdvertisedURLHasNoPath":       {"advertise", "http://m1:8080/api", "is not the address of a server"},
		"ANodeIsAName":                   {"node", "m 1", `"m 1" is not a name`},
		"APortIsANumber":                 {"listen", "0.0.0.0:http", "is not an address to listen on"},
		"ThereMustBeADataSource":         {"database.dsn_file", "", "there is no data source"},
		"ThereMustBeARaftDirectory":      {"raft.dir", "", "raft.dir: is missing"},
		"AProfileIsSmallOrLarge":         {"profile", "big", "write small or large"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			source := config.Source{Hostname: "here", Flags: map[string]string{c.key: c.text}}
			_, err := config.LoadMaster(source)
			if fault.CodeOf(err) != fault.Invalid || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestDevListensOnLoopbackUnlessTold(t *testing.T) {
	flags := map[string]string{"listen": "0.0.0.0:8080"}
	_, err := config.LoadDev(config.Source{Flags: flags})
	if err == nil || !strings.Contains(err.Error(), "--allow-remote") {
		t.Errorf("got %v, want an error that names --allow-remote", err)
	}
	flags["allow_remote"] = "true"
	if _, err := config.LoadDev(config.Source{Flags: flags}); err != nil {
		t.Errorf("got %v, want no error", err)
	}
	flags["allow_remote"] = "yes"
	if _, err := config.LoadDev(config.Source{Flags: flags}); err == nil {
		t.Error("got no error, want one about yes")
	}
}

func TestDevStoreIsChosenByItsLooks(t *testing.T) {
	for dsn, want := range map[string]config.Database{
		"":                           {Driver: config.SQLite, DSN: config.Secret(filepath.Join("data", "capri.db"))},
		"/tmp/x.db":                  {Driver: config.SQLite, DSN: "/tmp/x.db"},
		"root@tcp(127.0.0.1:3306)/c": {Driver: config.MySQL, DSN: "root@tcp(127.0.0.1:3306)/c"},
		"root:pw@unix(/run/m)/c":     {Driver: config.MySQL, DSN: "root:pw@unix(/run/m)/c"},
	} {
		d := config.Dev{DataDir: "data", Database: config.Secret(dsn)}
		if got := d.Store(); got != want {
			t.Errorf("Store(%q): got %s %q, want %s %q", dsn, got.Driver, got.DSN.Reveal(), want.Driver, want.DSN.Reveal())
		}
		if got, want := d.HasPassword(), strings.Contains(dsn, ":pw@"); got != want {
			t.Errorf("HasPassword(%q): got %v, want %v", dsn, got, want)
		}
	}
}

// TestSamplesAreTheDefaults holds the sample files to the code: what is written
// out is the default, and every key appears, commented or not.
func TestSamplesAreTheDefaults(t *testing.T) {
	load := map[string]func(config.Source) (any, error){
		"master": func(s config.Source) (any, error) { return config.LoadMaster(s) },
		"worker": func(s config.Source) (any, error) { return config.LoadWorker(s) },
		"dev":    func(s config.Source) (any, error) { return config.LoadDev(s) },
	}
	commented := regexp.MustCompile(`(?m)^(\s*)# ([a-z_]+: )`)
	for _, section := range config.Reference() {
		name := strings.TrimPrefix(section.Name, "capri ")
		t.Run(name, func(t *testing.T) {
			file := filepath.Join("..", "..", section.File)
			got, err := load[name](config.Source{File: file, Hostname: "m1"})
			if err != nil {
				t.Fatal(err)
			}
			want, _ := load[name](config.Source{Hostname: "m1"})
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got %v, want the defaults %v", got, want)
			}
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			all := commented.ReplaceAllString(string(data), "$1$2")
			if _, err := load[name](config.Source{File: write(t, all), Hostname: "m1"}); err != nil {
				t.Errorf("with every comment taken away: %v", err)
			}
			for _, key := range section.Keys {
				last := key.Path[strings.LastIndexByte(key.Path, '.')+1:]
				if !regexp.MustCompile(`(?m)^\s*` + last + `: `).MatchString(all) {
					t.Errorf("got no %s in %s, want every key", key.Path, section.File)
				}
			}
		})
	}
}

func TestProblemsAreAnError(t *testing.T) {
	w := config.DefaultWorker()
	w.Host, w.Advertise, w.Slots, w.Masters, w.TokenFile = "h", "http://h:1", 0, nil, ""
	problems, ok := errors.AsType[config.InvalidError](w.Validate())
	if !ok || len(problems) != 3 {
		t.Errorf("got %v, want three problems", problems)
	}
}

func TestHostZoneHasAName(t *testing.T) {
	for tz, want := range map[string]string{"Asia/Tokyo": "Asia/Tokyo", ":Europe/Paris": "Europe/Paris", "": "UTC", "CST-8": "UTC"} {
		t.Setenv("TZ", tz)
		if got := config.HostZone(); got != want {
			t.Errorf("TZ=%q: got %s, want %s", tz, got, want)
		}
	}
	if err := os.Unsetenv("TZ"); err != nil {
		t.Fatal(err)
	}
	if got := config.HostZone(); got == "" || got == "Local" {
		t.Errorf("got %q, want a name", got)
	}
}
