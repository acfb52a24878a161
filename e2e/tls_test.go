package e2e_test

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"capricornus/common/store/storetest"
	"capricornus/common/tlsfile/tlstest"
)

// secure gives every master a certificate of its own, and makes workers and
// commands use https and trust who signs them.
func (m *masters) secure(ca *tlstest.Authority, form tlstest.Form) {
	m.Helper()
	form.Hosts = append(form.Hosts, "127.0.0.1")
	var urls []string
	for _, node := range slices.Sorted(maps.Keys(m.peers)) {
		cert, key := ca.Issue(node, form)
		text := strings.Replace(m.read(m.path(node+".yaml")), "advertise: http://", "advertise: https://", 1)
		m.write(node+".yaml", text+"tls: {cert: "+cert+", key: "+key+", ca: "+ca.File+"}\n")
		m.addresses[node] = "https://" + m.addresses[node]
		urls = append(urls, m.addresses[node])
	}
	m.env["CAPRI_WORKER_MASTERS"], m.env["CAPRI_WORKER_TLS_CA"] = strings.Join(urls, ","), ca.File
	m.env["CAPRI_CA"] = ca.File
	m.ask("m1")
}

// TestEverythingOverTLS: masters elect, pass calls on, and serve workers,
// keepers and commands by certificates; whoever does not trust them, or speaks
// plain HTTP, is refused; and a new certificate needs no restart.
func TestEverythingOverTLS(t *testing.T) {
	t.Parallel()
	m := newMasters(newSite(t, storetest.SQLite), 3)
	ca := tlstest.New(t, m.dir, "ca")
	m.secure(ca, tlstest.Form{})
	leader := m.elect()
	worker := m.worker("w1")
	m.ask(m.others(leader)[0])
	m.notedTasks("job_1", "job_2")
	batches := m.runAll("job_1", "job_2")
	m.awaitNoted("start", batches...)
	m.capri("service", "run", "depend") // is passed on to the leader
	m.await("the keeper", func() bool { return exists(m.path("w1", "keeper.lock")) })
	worker.kill()
	m.release("job_1")
	m.await("a success reported by the keeper", func() bool { return successful(m.batches()[batches[0]]) })
	m.worker("w1")
	m.crash(leader)
	leader = m.leader()
	m.release("job_2")
	m.capri(append([]string{"batch", "wait", "--timeout", patience.String()}, batches...)...)
	m.ranOnce([]string{"start", "end"}, batches...)

	url := m.env["CAPRI_ADDR"]
	m.refuses(7, []string{"speaks TLS", "write " + url}, "host", "list", "--addr", strings.Replace(url, "https://", "http://", 1))
	m.env["CAPRI_CA"] = ""
	m.refuses(7, []string{"authority that is not known here", "--ca"}, "host", "list")
	m.capri("host", "list", "--ca", ca.File)
	m.refuses(7, []string{"authority that is not known here"}, "host", "list", "--ca", tlstest.New(t, m.dir, "other").File)

	other := tlstest.New(t, m.dir, "renewed")
	m.writeAs(leader, other)
	m.await("the new certificate", func() bool { return m.try("host", "list", "--ca", other.File).code == 0 })
	m.sound()
}

// writeAs replaces the certificate of a master by one of another authority.
func (m *masters) writeAs(node string, a *tlstest.Authority) {
	m.Helper()
	cert, key := a.Issue(node+"-next", tlstest.Form{Hosts: []string{"127.0.0.1"}})
	for from, to := range map[string]string{cert: m.path(node + ".crt"), key: m.path(node + ".key")} {
		if err := os.Rename(from, to); err != nil {
			m.Fatal(err)
		}
	}
}

// TestMastersWithBadCertificatesDoNotStart: a master whose certificate the
// others would refuse, or clients, says so at once.
func TestMastersWithBadCertificatesDoNotStart(t *testing.T) {
	t.Parallel()
	m := newMasters(newSite(t, storetest.SQLite), 3)
	m.secure(tlstest.New(t, m.dir, "ca"), tlstest.Form{})
	config := func(old, other string) string {
		return m.write("bad.yaml", strings.Replace(m.read(m.path("m1.yaml")), old, other, 1))
	}
	cert, key := tlstest.New(t, m.dir, "stranger").Issue("m9", tlstest.Form{})
	m.refuses(9, []string{"the other masters would refuse", cert}, "master", "--config", config("cert: "+m.path("m1.crt")+", key: "+m.path("m1.key"), "cert: "+cert+", key: "+key))
	m.refuses(9, []string{"does not fit", m.path("m1.crt")}, "master", "--config", config("m1.key", "m2.key"))
	m.refuses(9, []string{"plain HTTP", "https://"}, "master", "--config", config("https://", "http://"))
	old, oldKey := tlstest.New(t, m.dir, "old").Issue("m8", tlstest.Form{NotAfter: time.Now().Add(-time.Minute)})
	m.refuses(9, []string{old, "expired on"}, "master", "--config", config("cert: "+m.path("m1.crt")+", key: "+m.path("m1.key"), "cert: "+old+", key: "+oldKey))
}
