// Package tlstest makes certificates for tests: real ones, of an authority that
// is made for the test.
package tlstest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Authority signs certificates.
type Authority struct {
	tb   testing.TB
	dir  string
	File string // its own certificate, PEM
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// New makes an authority whose files are in dir.
func New(tb testing.TB, dir, name string) *Authority {
	tb.Helper()
	a := &Authority{tb: tb, dir: dir, File: filepath.Join(dir, name+".crt")}
	a.key = a.newKey()
	form := &x509.Certificate{
		SerialNumber: a.serial(), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(240 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der := a.sign(form, form, &a.key.PublicKey)
	var err error
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		tb.Fatal(err)
	}
	Write(tb, a.File, "CERTIFICATE", der)
	return a
}

// Form is what a certificate says. Zero values: valid now, for both sides.
type Form struct {
	Hosts     []string // names and addresses
	NotBefore time.Time
	NotAfter  time.Time
	Uses      []x509.ExtKeyUsage
}

// Issue writes a certificate and its key to dir/name.crt and dir/name.key.
func (a *Authority) Issue(name string, form Form) (cert, key string) {
	a.tb.Helper()
	pair := a.newKey()
	want := &x509.Certificate{
		SerialNumber: a.serial(), Subject: pkix.Name{CommonName: name},
		NotBefore: form.NotBefore, NotAfter: form.NotAfter, ExtKeyUsage: form.Uses, KeyUsage: x509.KeyUsageDigitalSignature,
	}
	if want.NotBefore.IsZero() {
		want.NotBefore = time.Now().Add(-time.Hour)
	}
	if want.NotAfter.IsZero() {
		want.NotAfter = time.Now().Add(24 * time.Hour)
	}
	for _, host := range form.Hosts {
		if ip := net.ParseIP(host); ip != nil {
			want.IPAddresses = append(want.IPAddresses, ip)
		} else {
			want.DNSNames = append(want.DNSNames, host)
		}
	}
	cert, key = filepath.Join(a.dir, name+".crt"), filepath.Join(a.dir, name+".key")
	der, err := x509.MarshalPKCS8PrivateKey(pair)
	if err != nil {
		a.tb.Fatal(err)
	}
	Write(a.tb, cert, "CERTIFICATE", a.sign(want, a.cert, &pair.PublicKey))
	Write(a.tb, key, "PRIVATE KEY", der)
	return cert, key
}

// Write puts one PEM block into place as a whole, readable by its owner alone.
func Write(tb testing.TB, file, kind string, der []byte) {
	tb.Helper()
	text := pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
	if err := os.WriteFile(file+".new", text, 0o600); err != nil {
		tb.Fatal(err)
	}
	if err := os.Rename(file+".new", file); err != nil {
		tb.Fatal(err)
	}
}

func (a *Authority) newKey() *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.tb.Fatal(err)
	}
	return key
}

func (a *Authority) serial() *big.Int {
	n, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		a.tb.Fatal(err)
	}
	return n
}

func (a *Authority) sign(form, parent *x509.Certificate, key *ecdsa.PublicKey) []byte {
	der, err := x509.CreateCertificate(rand.Reader, form, parent, key, a.key)
	if err != nil {
		a.tb.Fatal(err)
	}
	return der
}
