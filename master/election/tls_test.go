package election_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"log/slog"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"capricornus/master/election"
)

// authority signs certificates of a test.
type authority struct {
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
}

func newAuthority(t *testing.T) authority {
	t.Helper()
	a := authority{key: newKey(t)}
	a.cert = sign(t, certificate(1, true), authority{key: a.key}, a.key)
	return a
}

// config is what a node of the cluster at 127.0.0.1 has.
func (a authority) config(t *testing.T) *tls.Config {
	t.Helper()
	key := newKey(t)
	cert := sign(t, certificate(2, false), a, key)
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	return &tls.Config{
		RootCAs:      pool,
		Certificates: []tls.Certificate{{Certificate: [][]byte{cert.Raw}, PrivateKey: key}},
		MinVersion:   tls.VersionTLS12,
	}
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func certificate(serial int64, root bool) *x509.Certificate {
	out := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: root, BasicConstraintsValid: true,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	if root {
		out.KeyUsage = x509.KeyUsageCertSign
	} else {
		out.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)}
	}
	return out
}

// sign returns a certificate of key, by the authority's; an authority without a
// certificate signs its own.
func sign(t *testing.T, template *x509.Certificate, by authority, key *ecdsa.PrivateKey) *x509.Certificate {
	t.Helper()
	parent := by.cert
	if parent == nil {
		parent = template
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), by.key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

func TestThreeNodesOverTLSAndAPeerThatCannotProveItself(t *testing.T) {
	db, own, foreign := newDatabase(), newAuthority(t), newAuthority(t)
	addresses := map[string]string{"m1": freeAddress(t), "m2": freeAddress(t), "m3": freeAddress(t)}
	masters, told := map[string]*master{}, &safeBuffer{}
	start := func(name string, conf *tls.Config) {
		cfg := election.Config{Node: name, Listen: addresses[name], Peers: addresses, TLS: conf, Heartbeat: calm}
		if m, ok := masters[name]; ok {
			cfg.Dir = m.dir
		}
		masters[name] = startMasterTelling(t, cfg, db, slog.New(slog.NewTextHandler(told, nil)))
	}
	start("m1", own.config(t))
	start("m2", foreign.config(t))
	start("m3", nil)
	await(t, "m1 to listen", func() bool { return masters["m1"].Status().State == "candidate" })
	silent := dial(t, addresses["m1"]) // holds up nobody
	await(t, "m1 to tell of those it refuses", func() bool {
		return strings.Contains(told.String(), "refused a connection to the raft port")
	})
	if got := db.granted(); len(got) != 0 {
		t.Errorf("terms of masters that cannot trust each other: got %v, want none", got)
	}
	for _, name := range []string{"m2", "m3"} {
		masters[name].shutdown(t)
		start(name, own.config(t))
	}
	first := anyTerm(t, masters)
	if err := masters[first.Holder].Transfer(t.Context(), another(masters, first.Holder)); err != nil {
		t.Errorf("Transfer over TLS: got %v, want no error", err)
	}
	stopAll(t, masters)
	_ = silent.Close()
}

func TestAPeerOfAForeignAuthorityIsRefusedByBothSides(t *testing.T) {
	db, own := newDatabase(), newAuthority(t)
	address := freeAddress(t)
	m := startMaster(t, election.Config{
		Node: "m1", Listen: address, Peers: map[string]string{"m1": address}, TLS: own.config(t), Heartbeat: fast,
	}, db)
	receive(t, m.terms, "a term")
	for name, conf := range map[string]*tls.Config{
		"foreign": newAuthority(t).config(t),
		"old":     oldVersion(own.config(t)),
		"nobody":  {RootCAs: own.config(t).RootCAs, MinVersion: tls.VersionTLS13},
	} {
		conn := dial(t, address)
		conf.ServerName = "127.0.0.1"
		secured := tls.Client(conn, conf)
		err := secured.HandshakeContext(t.Context())
		if err == nil { // the server's word on the client's certificate comes after it
			_, err = secured.Read(make([]byte, 1))
		}
		if err == nil {
			t.Errorf("%s: got a connection, want it refused", name)
		}
		_ = conn.Close()
	}
	m.shutdown(t)
}

func oldVersion(conf *tls.Config) *tls.Config {
	conf.MaxVersion = tls.VersionTLS12
	return conf
}

func dial(t *testing.T, address string) net.Conn {
	t.Helper()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

type safeBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
