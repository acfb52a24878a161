package tlsfile

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io/fs"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	"capricornus/common/fault"
)

// Pair is a certificate chain and its key, in two files. New files are taken up
// at the next handshake; bad ones leave what there is. It is safe for
// concurrent use.
type Pair struct {
	cert, key string
	complain  func(error) // told once of files that are of no use

	mu      sync.Mutex
	seen    [2]version // of the files, when they were read last
	current *tls.Certificate
}

// version tells one content of a file from another.
type version struct {
	changed time.Time
	size    int64
	mode    fs.FileMode
	inode   uint64 // files that are put into place within one tick of the clock have one time
}

// LoadPair reads a certificate chain and its key, both PEM. It refuses those
// that nobody would accept: a key of another certificate, one that everybody on
// this machine can read, a certificate that is not valid today. complain is
// told once of new files that are refused later; it may be called by any
// goroutine.
func LoadPair(cert, key string, complain func(error)) (*Pair, error) {
	p := &Pair{cert: cert, key: key, complain: complain}
	seen, err := p.look()
	if err != nil {
		return nil, err
	}
	if p.current, err = p.read(); err != nil {
		return nil, err
	}
	p.seen = seen
	return p, nil
}

// Expires is when the certificate's validity ends.
func (p *Pair) Expires() time.Time { return p.now().Leaf.NotAfter }

// Server is the configuration of a server for everybody: TLS 1.2 or newer, no
// certificates wanted of clients.
func (p *Pair) Server() *tls.Config {
	return &tls.Config{
		MinVersion:     tls.VersionTLS12,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return p.now(), nil },
	}
}

// Mutual is the configuration of members that call each other, for both sides:
// TLS 1.3, and each proves itself by a certificate that one of ca signs. The
// side that dials sets ServerName to the host it dials, so that the one that
// answers must be that host.
func (p *Pair) Mutual(ca []byte) (*tls.Config, error) {
	pool, err := Authorities(ca)
	if err != nil || pool == nil {
		return nil, fault.Wrap(fault.Invalid, err, "members of a cluster need a CA's certificates")
	}
	return &tls.Config{
		MinVersion:           tls.VersionTLS13,
		ClientAuth:           tls.RequireAndVerifyClientCert,
		ClientCAs:            pool,
		RootCAs:              pool,
		GetCertificate:       func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return p.now(), nil },
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return p.now(), nil },
	}, nil
}

// CheckMutual refuses a certificate that members with this CA would refuse: one
// that is signed by nobody of them, or not meant for both sides.
func (p *Pair) CheckMutual(ca []byte) error {
	pool, err := Authorities(ca)
	if err != nil {
		return fault.Wrap(fault.Invalid, err, "the CA's certificates: %v", err)
	}
	chain := p.now()
	between := x509.NewCertPool()
	for _, der := range chain.Certificate[1:] {
		if certificate, err := x509.ParseCertificate(der); err == nil {
			between.AddCert(certificate)
		}
	}
	for _, use := range []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth} {
		options := x509.VerifyOptions{Roots: pool, Intermediates: between, KeyUsages: []x509.ExtKeyUsage{use}}
		if _, err := chain.Leaf.Verify(options); err != nil {
			return fault.Wrap(fault.Invalid, err, "the other masters would refuse certificate file %s: %v", p.cert, err).
				WithHint("it must be signed by tls.ca and be allowed for serverAuth and clientAuth")
		}
	}
	return nil
}

// now is the certificate of the files as they are, or the last good one.
func (p *Pair) now() *tls.Certificate {
	p.mu.Lock()
	defer p.mu.Unlock()
	seen, err := p.look()
	if err == nil && seen == p.seen {
		return p.current
	}
	again := seen == p.seen // two zero versions: the files are still missing
	p.seen = seen
	var fresh *tls.Certificate
	if err == nil {
		fresh, err = p.read()
	}
	switch {
	case err == nil:
		p.current = fresh
	case !again:
		p.complain(err)
	}
	return p.current
}

// look says which content the files have; none at all when one of them is not
// there.
func (p *Pair) look() ([2]version, error) {
	var seen [2]version
	for i, file := range []string{p.cert, p.key} {
		info, err := os.Stat(file)
		if err != nil {
			return [2]version{}, unreadable([]string{"certificate", "key"}[i], file, err)
		}
		seen[i] = version{changed: info.ModTime(), size: info.Size(), mode: info.Mode()}
		if stat, ok := info.Sys().(*syscall.Stat_t); ok {
			seen[i].inode = stat.Ino
		}
	}
	if seen[1].mode.Perm()&0o007 != 0 {
		return seen, fault.New(fault.Invalid, "key file %s can be read by everybody on this machine", p.key).
			WithHint("chmod 600 %s", p.key)
	}
	return seen, nil
}

// read makes a certificate of both files.
func (p *Pair) read() (*tls.Certificate, error) {
	cert, err := readFile("certificate", p.cert)
	if err != nil {
		return nil, err
	}
	key, err := readFile("key", p.key)
	if err != nil {
		return nil, err
	}
	if pool, err := Authorities(cert); err != nil || pool == nil {
		return nil, fault.Wrap(fault.Invalid, err, "certificate file %s: there is no PEM certificate in it that can be understood", p.cert)
	}
	if !holdsKey(key) {
		return nil, fault.New(fault.Invalid, "key file %s: there is no PEM key in it that needs no passphrase", p.key)
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "key file %s does not fit certificate file %s", p.key, p.cert)
	}
	return &pair, p.checkTime(pair.Leaf)
}

func (p *Pair) checkTime(leaf *x509.Certificate) error {
	const layout = "2006-01-02 15:04 MST"
	switch now := time.Now(); {
	case now.Before(leaf.NotBefore):
		return fault.New(fault.Invalid, "certificate file %s is not valid before %s", p.cert, leaf.NotBefore.UTC().Format(layout))
	case now.After(leaf.NotAfter):
		return fault.New(fault.Invalid, "certificate file %s expired on %s", p.cert, leaf.NotAfter.UTC().Format(layout))
	}
	return nil
}

// holdsKey says that a PEM text has a key that can be used as it is.
func holdsKey(text []byte) bool {
	for rest := text; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return false
		}
		if block.Type == "PRIVATE KEY" || strings.HasSuffix(block.Type, " PRIVATE KEY") && block.Type != "ENCRYPTED PRIVATE KEY" && block.Headers["DEK-Info"] == "" {
			return true
		}
	}
}
