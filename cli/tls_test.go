package cli

import (
	"crypto/x509"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"capricornus/common/config"
	"capricornus/common/tlsfile"
	"capricornus/common/tlsfile/tlstest"
)

// secured is a master that serves by TLS.
func secured(t *testing.T, a *tlstest.Authority, hosts ...string) string {
	t.Helper()
	cert, key := a.Issue(hosts[0], tlstest.Form{Hosts: hosts})
	pair, err := tlsfile.LoadPair(cert, key, func(err error) { t.Error(err) })
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("{}"))
	}))
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	server.Listener = proof{pair: pair}.secure(server.Listener)
	server.Start()
	t.Cleanup(server.Close)
	return strings.Replace(server.URL, "http://", "https://", 1)
}

func TestMastersAreTrustedByTheirCA(t *testing.T) {
	ours, theirs := tlstest.New(t, t.TempDir(), "ours"), tlstest.New(t, t.TempDir(), "theirs")
	here := secured(t, ours, "127.0.0.1")
	named := secured(t, ours, "m1", "10.0.0.1")
	plain := newMaster(t, map[string]any{"GET /hosts": struct{}{}}).URL
	noise := write(t, "noise", "no PEM")
	swapped := func(url, from, to string) string { return strings.Replace(url, from, to, 1) }
	for _, c := range []struct {
		addr, ca string
		code     int
		want     []string
	}{
		{here, ours.File, exitDone, nil},
		{plain, ours.File, exitDone, nil},
		{here, "", exitNoMaster, []string{"signed by an authority that is not known here", "--ca or CAPRI_CA"}},
		{here, theirs.File, exitNoMaster, []string{"signed by an authority that is not known here"}},
		{named, ours.File, exitNoMaster, []string{"is for m1, 10.0.0.1", "127.0.0.1"}},
		{swapped(here, "https://", "http://"), ours.File, exitNoMaster, []string{"speaks TLS", "write https://127.0.0.1"}},
		{swapped(here, "https://", ""), "", exitNoMaster, []string{"speaks TLS", "write https://127.0.0.1"}},
		{swapped(plain, "http://", "https://"), "", exitNoMaster, []string{"speaks no TLS", "write http://127.0.0.1"}},
		{here, noise, exitInvalid, []string{"CA file " + noise, "no PEM certificate"}},
		{here, noise + ".gone", exitNotFound, []string{"CA file " + noise + ".gone does not exist"}},
	} {
		byFlag := []string{"host", "list", "--addr", c.addr}
		if c.ca != "" {
			byFlag = append(byFlag, "--ca", c.ca)
		}
		for _, got := range []result{
			nowhere(t).run(t, byFlag...),
			(session{environ: map[string]string{"CAPRI_ADDR": c.addr, "CAPRI_CA": c.ca}}).run(t, "host", "list"),
		} {
			if got.code != c.code {
				t.Errorf("%s with %q: got %+v, want %d", c.addr, c.ca, got, c.code)
			}
			for _, part := range c.want {
				if !strings.Contains(got.err, part) {
					t.Errorf("%s with %q: got %+v, want %q in it", c.addr, c.ca, got, part)
				}
			}
		}
	}
}

// proven reads what a master's configuration names, and what it has logged.
func proven(t *testing.T, files config.TLS) (proof, string, error) {
	t.Helper()
	var said strings.Builder
	p, err := readProof(config.Master{TLS: files}, slog.New(slog.NewTextHandler(&said, nil)))
	return p, said.String(), err
}

func TestAMasterReadsWhatItProvesItselfWith(t *testing.T) {
	dir := t.TempDir()
	ca, theirs := tlstest.New(t, dir, "ca"), tlstest.New(t, dir, "theirs")
	cert, key := ca.Issue("m1", tlstest.Form{Hosts: []string{"m1"}, NotAfter: time.Now().Add(renewIn + time.Hour)})
	if p, said, err := proven(t, config.TLS{Cert: cert, Key: key, CA: ca.File}); err != nil || p.members == nil || p.peers == nil || said != "" {
		t.Errorf("got %+v, %q, %v, want all sides of TLS without a word", p, said, err)
	}
	if p, _, err := proven(t, config.TLS{Cert: cert, Key: key}); err != nil || p.pair == nil || p.members != nil {
		t.Errorf("got %+v, %v, want the API alone", p, err)
	}
	if p, _, err := proven(t, config.TLS{}); err != nil || p.pair != nil {
		t.Errorf("got %+v, %v, want nothing", p, err)
	}
	soon, soonKey := ca.Issue("m2", tlstest.Form{NotAfter: time.Now().Add(renewIn / 2)})
	if _, said, err := proven(t, config.TLS{Cert: soon, Key: soonKey, CA: ca.File}); err != nil || !strings.Contains(said, "ends soon") || !strings.Contains(said, soon) {
		t.Errorf("got %q, %v, want a warning that it ends soon", said, err)
	}
	served, servedKey := ca.Issue("m3", tlstest.Form{Uses: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}})
	for files, want := range map[config.TLS]string{
		{Cert: cert, Key: key, CA: theirs.File}:           "the other masters would refuse certificate file " + cert,
		{Cert: served, Key: servedKey, CA: ca.File}:       "clientAuth",
		{Cert: cert, Key: key, CA: dir + "/gone"}:         "CA file " + dir + "/gone does not exist",
		{Cert: cert, Key: dir + "/gone.key", CA: ca.File}: "key file " + dir + "/gone.key does not exist",
		{Cert: cert, Key: servedKey, CA: ca.File}:         "does not fit",
	} {
		if _, _, err := proven(t, files); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: got %v, want %q in it", files, err, want)
		}
	}
}

func TestWhatIsRiskyIsToldAtEachStart(t *testing.T) {
	for want, cfg := range map[string]config.Master{
		"nothing is encrypted": {Listen: "0.0.0.0:8080"},
		"any_server":           {Listen: "127.0.0.1:8080", Database: config.Database{AnyServer: true}},
		"":                     {Listen: "127.0.0.1:8080"},
	} {
		var said strings.Builder
		warnOfRisks(cfg, slog.New(slog.NewTextHandler(&said, nil)))
		if lines := strings.Count(said.String(), "\n"); !strings.Contains(said.String(), want) || (lines != 1) != (want == "") {
			t.Errorf("got %q, want one line with %q", said.String(), want)
		}
	}
}

func TestTheReferenceIsInTheDocs(t *testing.T) {
	text, err := os.ReadFile("../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, section := range config.Reference() {
		for _, key := range sectionKeys(section) {
			row := "| `" + key.Key + "` | "
			if key.Default != "" {
				row += "`" + key.Default + "`"
			}
			row += " | "
			at := "| `" + key.Environ + "`"
			found := false
			for line := range strings.Lines(string(text)) {
				found = found || strings.HasPrefix(line, row) && strings.Contains(line, at)
			}
			if !found {
				t.Errorf("docs/configuration.md has no row %q … %q", row, at)
			}
		}
	}
}
