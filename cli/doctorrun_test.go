package cli

import (
	"crypto/tls"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"capricornus/common/config"
	"capricornus/common/fault"
	"capricornus/common/tlsfile/tlstest"
	"capricornus/common/wire"
)

func TestDoctorAsksAMasterAboutTheCluster(t *testing.T) {
	hosts := wire.HostList{Items: []wire.Host{
		{Host: "w1", Alive: true, Version: "v1", Vitals: wire.Vitals{FreeDisk: 100 << 30}},
		{Host: "w2", Alive: true, Version: "v2", Vitals: wire.Vitals{FreeDisk: 100 << 20}},
		{Host: "w3"},
	}}
	healthy := newMaster(t, map[string]any{"GET /cluster": threeMasters(), "GET /hosts": wire.HostList{Items: hosts.Items[:1]}})
	got := at(healthy).run(t, "doctor")
	if got.code != exitDone || got.err != "" {
		t.Errorf("got %+v, want %d", got, exitDone)
	}
	golden(t, "doctor", strings.ReplaceAll(got.out, healthy.URL, "http://m1:8080"))

	broken := brokenMasters()
	broken.Leader, broken.Since = "", 0
	ill := newMaster(t, map[string]any{"GET /cluster": broken, "GET /hosts": hosts})
	got = at(ill).run(t, "doctor")
	if got.code != exitFailed || got.err != "" {
		t.Errorf("got %+v, want %d", got, exitFailed)
	}
	golden(t, "doctor-trouble", strings.ReplaceAll(got.out, ill.URL, "http://m1:8080"))

	refusing := newMaster(t, map[string]any{"GET /cluster": problem(fault.Unauthed, http.StatusUnauthorized, "the token is unknown"), "GET /hosts": hosts})
	if got := at(refusing).run(t, "doctor"); got.code != exitFailed || !strings.Contains(got.out, "the token is unknown") {
		t.Errorf("got %+v, want a failure with the reason", got)
	}
}

func TestDoctorAsData(t *testing.T) {
	m := newMaster(t, map[string]any{"GET /cluster": brokenMasters(), "GET /hosts": wire.HostList{Items: []wire.Host{}}})
	got := at(m).run(t, "doctor", "-o", "json")
	var d diagnosis
	if err := json.Unmarshal([]byte(got.out), &d); err != nil || got.code != exitDone {
		t.Fatalf("got %+v, %v, want JSON and %d for warnings alone", got, err, exitDone)
	}
	if d.Failures != 0 || d.Warnings == 0 || d.OK == 0 || d.OK+d.Warnings != len(d.Findings) || d.Findings[0].Group != "masters" {
		t.Errorf("got %+v, want the findings counted", d)
	}
	if got := at(m).run(t, "doctor", "-o", "name"); !strings.HasPrefix(got.out, "ok masters/leader\n") {
		t.Errorf("got %+v, want a line for each", got)
	}
}

func TestDoctorThatCannotBeMeant(t *testing.T) {
	file := write(t, "capri.yaml", "hdfs: {user: capri}\n")
	for args, want := range map[string]string{
		"doctor --kind worker":                    "give --config FILE",
		"doctor --config " + file:                 "give --kind master or --kind worker",
		"doctor --kind boss --config " + file:     "write master or worker",
		"doctor --config " + file + " everything": "takes no argument",
	} {
		if got := nowhere(t).run(t, strings.Fields(args)...); got.code != exitUsage || !strings.Contains(got.err, want) {
			t.Errorf("%s: got %+v, want %d, %q", args, got, exitUsage, want)
		}
	}
	if got := nowhere(t).run(t, "doctor"); got.code != exitNoMaster {
		t.Errorf("got %+v, want %d when there is nobody to ask", got, exitNoMaster)
	}
	if got := nowhere(t).run(t, "doctor", "--config", filepath.Join(t.TempDir(), "none.yaml")); got.code != exitNotFound {
		t.Errorf("got %+v, want %d for a file that is not there", got, exitNotFound)
	}
}

func TestDoctorNamesEveryProblemOfAConfiguration(t *testing.T) {
	file := write(t, "master.yaml", "node: 'm 1'\nlisten: nowhere\nprofile: huge\n")
	got := nowhere(t).run(t, "doctor", "--config", file)
	for _, want := range []string{`"m 1" is not a name`, `"nowhere" is not an address`, `"huge" is not known`, "0 ok, 0 warnings"} {
		if got.code != exitFailed || !strings.Contains(got.out, want) {
			t.Errorf("got %+v, want %q", got, want)
		}
	}
}

// soleMaster writes the configuration of a master that has a fresh SQLite
// database.
func soleMaster(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "dsn"), []byte(filepath.Join(dir, "capri.db")), 0o600); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "master.yaml")
	text := "node: m1\nlisten: 127.0.0.1:0\nadvertise: http://127.0.0.1:1\nraft: {dir: " + dir + "/raft}\n" +
		"database: {driver: sqlite, dsn_file: " + dir + "/dsn}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestDoctorLooksAtAMaster(t *testing.T) {
	file := soleMaster(t)
	if got := nowhere(t).run(t, "doctor", "--config", file); got.code != exitFailed || !strings.Contains(got.out, "fail  schema") || !strings.Contains(got.out, "capri migrate up") {
		t.Errorf("got %+v, want the empty database named", got)
	}
	if got := nowhere(t).run(t, "migrate", "up", "--config", file, "--timezone", "Asia/Shanghai"); got.code != exitDone {
		t.Fatalf("migrate: %+v", got)
	}
	got := nowhere(t).run(t, "doctor", "--config", file)
	for _, want := range []string{
		"valid", "ok    dsn_file", "ok    listen", "this master is alone", "ok    schema       version ", "ok    time zone    Asia/Shanghai",
		"warn  asked", "warn  workers", "ok    monitor", "ok    namenodes", "0 failures",
	} {
		if got.code != exitDone || !strings.Contains(got.out, want) {
			t.Errorf("got %+v, want %q", got, want)
		}
	}
}

func TestDoctorLooksAtAWorker(t *testing.T) {
	ready := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Date", noon().Format(http.TimeFormat))
	})
	m := newMaster(t, map[string]any{
		"GET /readyz": ready, "POST /worker/facts": wire.FactsReply{Verdicts: []wire.FactVerdict{}},
		"GET /hosts": wire.HostList{Items: []wire.Host{{Host: "w1", Alive: true, Incarnation: "another", Address: "http://w9:9000"}}},
	})
	file := func(token string) string {
		return write(t, "worker.yaml", "host: w1\nmasters: ["+m.URL+", 'http://127.0.0.1:1']\ntoken_file: "+token+"\nroot: "+t.TempDir()+"\nlisten: 127.0.0.1:0\nlimits: {load: 0}\n")
	}
	got := at(m).run(t, "doctor", "--config", file(write(t, "token", "sesame")))
	for _, want := range []string{
		"ok    token_file", m.URL + "/readyz is ready", "takes it as a worker's", "warn  ready ", "ok    fsync",
		"fail  name", "another worker, at http://w9:9000, is called w1", "ok    leader",
	} {
		if got.code != exitFailed || !strings.Contains(got.out, want) {
			t.Errorf("got %+v, want %q", got, want)
		}
	}
	if want := `{"facts":null}`; m.body("POST /worker/facts") != want {
		t.Errorf("got %s, want nothing reported", m.body("POST /worker/facts"))
	}
	open := write(t, "open", "sesame")
	if err := os.Chmod(open, 0o644); err != nil {
		t.Fatal(err)
	}
	if got := nowhere(t).run(t, "doctor", "--config", file(open)); !strings.Contains(got.out, "fail  token_file") || !strings.Contains(got.out, "chmod 600") {
		t.Errorf("got %+v, want the open file named", got)
	}
}

func TestDoctorTellsAPortOfOursFromAnothers(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	if f := judgePort("listen", tryPort(t.Context(), listener.Addr().String())); f.Verdict != verdictFail {
		t.Errorf("got %+v, want a port that is taken", f)
	}
	if f := judgePort("listen", tryPort(t.Context(), "127.0.0.1:0")); f.Verdict != verdictOK {
		t.Errorf("got %+v, want a free port", f)
	}
}

func TestDoctorReadsCertificates(t *testing.T) {
	ca, other := tlstest.New(t, t.TempDir(), "ca"), tlstest.New(t, t.TempDir(), "other")
	month := tlstest.Form{Hosts: []string{"127.0.0.1"}, NotAfter: time.Now().Add(30 * 24 * time.Hour)}
	cert, key := ca.Issue("m1", month)
	soonCert, soonKey := ca.Issue("soon", tlstest.Form{Hosts: []string{"127.0.0.1"}})
	strangeCert, strangeKey := other.Issue("strange", month)
	cases := map[string]struct {
		files config.TLS
		want  string
	}{
		"None":       {config.TLS{}, "ok tls"},
		"Good":       {config.TLS{Cert: cert, Key: key, CA: ca.File}, "ok tls, ok tls.ca"},
		"ForTheAPI":  {config.TLS{Cert: cert, Key: key}, "ok tls"},
		"EndsSoon":   {config.TLS{Cert: soonCert, Key: soonKey, CA: ca.File}, "warn tls, ok tls.ca"},
		"NotIts":     {config.TLS{Cert: cert, Key: soonKey, CA: ca.File}, "fail tls"},
		"Missing":    {config.TLS{Cert: cert + ".none", Key: key, CA: ca.File}, "fail tls"},
		"AnothersCA": {config.TLS{Cert: strangeCert, Key: strangeKey, CA: ca.File}, "ok tls, fail tls.ca"},
	}
	for name, c := range cases {
		_, found := ownTLS(c.files, time.Now())
		if got := strings.Join(namesOf(found, judged), ", "); got != c.want {
			t.Errorf("%s: got %+v, want %s", name, found, c.want)
		}
	}
}

func TestDoctorShakesHandsAsTheMastersDo(t *testing.T) {
	ca, other := tlstest.New(t, t.TempDir(), "ca"), tlstest.New(t, t.TempDir(), "other")
	form := tlstest.Form{Hosts: []string{"127.0.0.1"}, NotAfter: time.Now().Add(30 * 24 * time.Hour)}
	side := func(a *tlstest.Authority, name string) *tls.Config {
		cert, key := a.Issue(name, form)
		mutual, found := ownTLS(config.TLS{Cert: cert, Key: key, CA: a.File}, time.Now())
		if mutual == nil {
			t.Fatalf("got %+v, want a configuration", found)
		}
		return mutual
	}
	listener, err := tls.Listen("tcp", "127.0.0.1:0", side(ca, "m2"))
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			_ = conn.(*tls.Conn).HandshakeContext(t.Context()) // the other side's to judge
			_ = conn.Close()
		}
	})
	defer serving.Wait()
	defer listener.Close()
	address := listener.Addr().String()
	if f := judgePeer(callPeer(t.Context(), peer{node: "m2", address: address}, side(ca, "m1")), time.Now()); f.Verdict != verdictOK || !strings.Contains(f.Text, "its certificate holds until") {
		t.Errorf("got %+v, want a handshake", f)
	}
	if f := judgePeer(callPeer(t.Context(), peer{node: "m2", address: address}, side(other, "m1")), time.Now()); f.Verdict != verdictFail || !strings.Contains(f.Text, "unknown authority") {
		t.Errorf("got %+v, want a stranger refused", f)
	}
	refused := side(other, "m4")
	refused.RootCAs = side(ca, "m5").RootCAs // it believes the master, which does not believe it
	if f := judgePeer(callPeer(t.Context(), peer{node: "m2", address: address}, refused), time.Now()); f.Verdict != verdictFail || !strings.Contains(f.Text, "refuses this master's certificate") {
		t.Errorf("got %+v, want to be refused", f)
	}
}
