// Package tlsfile makes TLS configurations of the PEM files that people name:
// a certificate with its key, read again when its files change, and the
// certificates that others' must be signed by. What is wrong with a file is
// said in one sentence that names it.
package tlsfile

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io/fs"
	"os"

	"capricornus/common/fault"
)

// ReadCA reads a file of PEM certificates and returns its text, of which
// Authorities makes a pool.
func ReadCA(file string) ([]byte, error) {
	text, err := readFile("CA", file)
	if err != nil {
		return nil, err
	}
	if pool, err := Authorities(text); err != nil || pool == nil {
		return nil, fault.Wrap(fault.Invalid, err, "CA file %s: there is no PEM certificate in it that can be understood", file)
	}
	return text, nil
}

// Authorities is a pool of the certificates in a PEM text; no text means those
// of the system, as everywhere in crypto/tls: nil.
func Authorities(text []byte) (*x509.CertPool, error) {
	if len(text) == 0 {
		return nil, nil
	}
	pool, found := x509.NewCertPool(), false
	for rest := text; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			continue
		}
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, errors.New("one of its certificates cannot be understood")
		}
		pool.AddCert(certificate)
		found = true
	}
	if !found {
		return nil, errors.New("there is no PEM certificate in it")
	}
	return pool, nil
}

// Client is the configuration of a client that trusts servers whose certificate
// is signed by one of those in a PEM text; without a text, those the system
// trusts.
func Client(ca []byte) (*tls.Config, error) {
	pool, err := Authorities(ca)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "the CA's certificates: %v", err)
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: pool}, nil
}

// readFile reads a file of some kind.
func readFile(kind, file string) ([]byte, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, unreadable(kind, file, err)
	}
	return text, nil
}

// unreadable says why a file is of no use.
func unreadable(kind, file string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fault.Wrap(fault.NotFound, err, "%s file %s does not exist", kind, file)
	}
	return fault.Wrap(fault.Invalid, err, "%s file %s cannot be read: %v", kind, file, reasonOf(err))
}

// reasonOf is the reason alone: the path stands in the sentence already.
func reasonOf(err error) error {
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		return path.Err
	}
	return err
}
