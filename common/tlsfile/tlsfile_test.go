package tlsfile_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"capricornus/common/fault"
	"capricornus/common/tlsfile"
	"capricornus/common/tlsfile/tlstest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func load(t *testing.T, a *tlstest.Authority, name string, form tlstest.Form) *tlsfile.Pair {
	t.Helper()
	cert, key := a.Issue(name, form)
	pair, err := tlsfile.LoadPair(cert, key, func(err error) { t.Errorf("complained: %v", err) })
	if err != nil {
		t.Fatal(err)
	}
	return pair
}

// shake makes one handshake and returns both sides' errors. In TLS 1.3 a server
// refuses a client after the client's handshake, so one byte goes back.
func shake(t *testing.T, server, client *tls.Config) (tls.ConnectionState, error, error) {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	refused := make(chan error, 1)
	go func() {
		plain, err := listener.Accept()
		if err != nil {
			refused <- err
			return
		}
		defer plain.Close()
		_ = plain.SetDeadline(time.Now().Add(time.Minute))
		conn := tls.Server(plain, server)
		if err = conn.HandshakeContext(t.Context()); err == nil {
			_, err = conn.Write([]byte("x"))
		}
		refused <- err
	}()
	plain, err := new(net.Dialer).DialContext(t.Context(), "tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close()
	_ = plain.SetDeadline(time.Now().Add(time.Minute))
	conn := tls.Client(plain, client)
	if err = conn.HandshakeContext(t.Context()); err == nil {
		_, err = conn.Read(make([]byte, 1))
	} else {
		plain.Close()
	}
	return conn.ConnectionState(), err, <-refused
}

func clientOf(t *testing.T, ca, host string) *tls.Config {
	t.Helper()
	text, err := tlsfile.ReadCA(ca)
	if err != nil {
		t.Fatal(err)
	}
	config, err := tlsfile.Client(text)
	if err != nil {
		t.Fatal(err)
	}
	config.ServerName = host
	return config
}

func TestClientsTrustTheirAuthorityAlone(t *testing.T) {
	dir := t.TempDir()
	ours, theirs := tlstest.New(t, dir, "ours"), tlstest.New(t, dir, "theirs")
	pair := load(t, ours, "m1", tlstest.Form{Hosts: []string{"m1", "127.0.0.1"}})
	for _, host := range []string{"m1", "127.0.0.1"} {
		if _, err, refused := shake(t, pair.Server(), clientOf(t, ours.File, host)); err != nil || refused != nil {
			t.Errorf("as %s: got %v and %v, want to be served", host, err, refused)
		}
	}
	_, err, _ := shake(t, pair.Server(), clientOf(t, theirs.File, "m1"))
	if _, unknown := errors.AsType[x509.UnknownAuthorityError](err); !unknown {
		t.Errorf("got %v of a client with another CA, want an unknown authority", err)
	}
	_, err, _ = shake(t, pair.Server(), clientOf(t, ours.File, "m2"))
	if _, wrong := errors.AsType[x509.HostnameError](err); !wrong {
		t.Errorf("got %v for another host's name, want to be refused for it", err)
	}
}

func TestMembersProveThemselvesToEachOther(t *testing.T) {
	dir := t.TempDir()
	ours, theirs := tlstest.New(t, dir, "ours"), tlstest.New(t, dir, "theirs")
	ca, err := tlsfile.ReadCA(ours.File)
	if err != nil {
		t.Fatal(err)
	}
	mutual := func(a *tlstest.Authority, name string) *tls.Config {
		config, err := load(t, a, name, tlstest.Form{Hosts: []string{name}}).Mutual(ca)
		if err != nil {
			t.Fatal(err)
		}
		return config
	}
	as := func(config *tls.Config, host string) *tls.Config {
		config = config.Clone()
		config.ServerName = host
		return config
	}
	m1, m2, stranger := mutual(ours, "m1"), mutual(ours, "m2"), mutual(theirs, "m3")
	state, err, refused := shake(t, m1, as(m2, "m1"))
	if err != nil || refused != nil || state.Version != tls.VersionTLS13 {
		t.Errorf("got %v, %v, version %x, want two members that trust each other by TLS 1.3", err, refused, state.Version)
	}
	if _, err, _ := shake(t, m1, as(m2, "m3")); err == nil {
		t.Error("m2 took m1 for m3")
	}
	if _, _, refused := shake(t, m1, as(stranger, "m1")); refused == nil {
		t.Error("m1 let in somebody whose certificate another authority signed")
	}
	if _, err, _ := shake(t, stranger, as(m1, "m3")); err == nil {
		t.Error("m1 trusted somebody whose certificate another authority signed")
	}
	if _, _, refused := shake(t, m1, clientOf(t, ours.File, "m1")); refused == nil {
		t.Error("m1 let in somebody without a certificate")
	}
}

func TestWhatOtherMembersWouldRefuseIsSaidAtOnce(t *testing.T) {
	dir := t.TempDir()
	ours, theirs := tlstest.New(t, dir, "ours"), tlstest.New(t, dir, "theirs")
	ca, err := tlsfile.ReadCA(ours.File)
	if err != nil {
		t.Fatal(err)
	}
	both := []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	for name, c := range map[string]struct {
		by   *tlstest.Authority
		uses []x509.ExtKeyUsage
		want string
	}{
		"any":     {by: ours},
		"both":    {by: ours, uses: both},
		"server":  {ours, both[:1], "server.crt"},
		"client":  {ours, both[1:], "client.crt"},
		"foreign": {theirs, both, "unknown authority"},
	} {
		err := load(t, c.by, name, tlstest.Form{Uses: c.uses}).CheckMutual(ca)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: got %v, want %q in it", name, err, c.want)
		}
	}
}

func TestBadFilesAreNamed(t *testing.T) {
	dir := t.TempDir()
	ca := tlstest.New(t, dir, "ca")
	cert, key := ca.Issue("m1", tlstest.Form{})
	oldCert, oldKey := ca.Issue("old", tlstest.Form{NotAfter: time.Now().Add(-time.Minute)})
	newCert, newKey := ca.Issue("new", tlstest.Form{NotBefore: time.Now().Add(30 * time.Minute)})
	_, otherKey := ca.Issue("other", tlstest.Form{})
	noise := filepath.Join(dir, "noise")
	broken := filepath.Join(dir, "broken")
	sealed := filepath.Join(dir, "sealed")
	open := filepath.Join(dir, "open.key")
	if err := os.WriteFile(noise, []byte("no PEM at all\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	tlstest.Write(t, broken, "CERTIFICATE", []byte("no DER at all"))
	tlstest.Write(t, sealed, "ENCRYPTED PRIVATE KEY", []byte("secret"))
	text, err := os.ReadFile(key)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(open, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(open, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		cert, key, want string
		code            fault.Code
	}{
		{dir + "/gone.crt", key, "certificate file " + dir + "/gone.crt does not exist", fault.NotFound},
		{cert, dir + "/gone.key", "key file " + dir + "/gone.key does not exist", fault.NotFound},
		{noise, key, "certificate file " + noise + ": there is no PEM certificate", fault.Invalid},
		{broken, key, "certificate file " + broken + ": there is no PEM certificate in it that can be understood", fault.Invalid},
		{key, cert, "certificate file " + key + ": there is no PEM certificate", fault.Invalid},
		{cert, noise, "key file " + noise + ": there is no PEM key", fault.Invalid},
		{cert, sealed, "key file " + sealed + ": there is no PEM key in it that needs no passphrase", fault.Invalid},
		{cert, otherKey, "does not fit certificate file " + cert, fault.Invalid},
		{oldCert, oldKey, "certificate file " + oldCert + " expired on ", fault.Invalid},
		{newCert, newKey, "certificate file " + newCert + " is not valid before ", fault.Invalid},
		{cert, open, "key file " + open + " can be read by everybody on this machine (chmod 600 " + open + ")", fault.Invalid},
		{dir, key, "certificate file " + dir + " cannot be read: is a directory", fault.Invalid},
	} {
		_, err := tlsfile.LoadPair(c.cert, c.key, nil)
		if err == nil || !strings.Contains(err.Error(), c.want) || fault.CodeOf(err) != c.code {
			t.Errorf("got %v (%s), want %s (%s)", err, fault.CodeOf(err), c.want, c.code)
		}
	}
	for file, want := range map[string]string{
		dir + "/gone.crt": "CA file " + dir + "/gone.crt does not exist",
		noise:             "CA file " + noise + ": there is no PEM certificate",
		broken:            "CA file " + broken + ": there is no PEM certificate in it that can be understood",
	} {
		if _, err := tlsfile.ReadCA(file); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestNewFilesAreTakenUpWithoutARestart(t *testing.T) {
	dir := t.TempDir()
	ca := tlstest.New(t, dir, "ca")
	var complaints []error
	cert, key := ca.Issue("m1", tlstest.Form{Hosts: []string{"m1"}, NotAfter: time.Now().Add(time.Hour)})
	pair, err := tlsfile.LoadPair(cert, key, func(err error) { complaints = append(complaints, err) })
	if err != nil {
		t.Fatal(err)
	}
	served := func() time.Time {
		t.Helper()
		state, err, _ := shake(t, pair.Server(), clientOf(t, ca.File, "m1"))
		if err != nil {
			t.Fatal(err)
		}
		return state.PeerCertificates[0].NotAfter
	}
	before := served()
	ca.Issue("m1", tlstest.Form{Hosts: []string{"m1"}, NotAfter: time.Now().Add(2 * time.Hour)})
	after := served()
	if !after.After(before) || !pair.Expires().Equal(after) || len(complaints) > 0 {
		t.Fatalf("got a certificate until %s and %v, want the new one, valid longer than until %s", after, complaints, before)
	}

	// Bad files change nothing, and are complained of once each time they change.
	if err := os.WriteFile(cert, []byte("half a file"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := [2]time.Time{served(), served()}; !got[0].Equal(after) || !got[1].Equal(after) || len(complaints) != 1 {
		t.Errorf("got %s and complaints %v, want the certificate before and one complaint", got, complaints)
	}
	if err := os.Remove(cert); err != nil {
		t.Fatal(err)
	}
	if got := [2]time.Time{served(), served()}; !got[0].Equal(after) || !got[1].Equal(after) || len(complaints) != 2 {
		t.Errorf("got %s and complaints %v, want the certificate before and one complaint more", got, complaints)
	}

	// The certificate may come before its key.
	_, keyOfBefore := ca.Issue("m0", tlstest.Form{})
	ca.Issue("m1", tlstest.Form{Hosts: []string{"m1"}, NotAfter: time.Now().Add(3 * time.Hour)})
	if err := os.Rename(key, key+".late"); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(keyOfBefore, key); err != nil {
		t.Fatal(err)
	}
	if got := served(); !got.Equal(after) || len(complaints) != 3 || !strings.Contains(complaints[2].Error(), "does not fit") {
		t.Errorf("got %s and complaints %v, want the certificate before and one complaint more", got, complaints)
	}
	if err := os.Rename(key+".late", key); err != nil {
		t.Fatal(err)
	}
	if got := served(); !got.After(after) || len(complaints) != 3 {
		t.Errorf("got %s and complaints %v, want the newest certificate", got, complaints)
	}
}
