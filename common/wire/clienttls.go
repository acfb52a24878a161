package wire

import (
	"crypto/x509"
	"errors"
	"net/http"
	"strings"

	"capricornus/common/fault"
)

// insecure says what is wrong with the way a master proves itself; nil when it
// is something else that is wrong.
func (c *Client) insecure(err error) error {
	if errors.Is(err, http.ErrSchemeMismatch) {
		return fault.Wrap(fault.Unavailable, err, "the master at %s speaks no TLS", c.base()).
			WithHint("write %s", strings.Replace(c.base(), "https://", "http://", 1))
	}
	if _, unknown := errors.AsType[x509.UnknownAuthorityError](err); unknown {
		return fault.Wrap(fault.Unavailable, err, "the certificate of %s is signed by an authority that is not known here", c.base()).
			WithHint("name its CA with --ca or CAPRI_CA")
	}
	if wrong, other := errors.AsType[x509.HostnameError](err); other {
		return fault.Wrap(fault.Unavailable, err, "the certificate of %s is for %s", c.base(), namesIn(wrong.Certificate)).
			WithHint("write a name that it is for, or have one made for %s", wrong.Host)
	}
	if invalid, bad := errors.AsType[x509.CertificateInvalidError](err); bad {
		if invalid.Reason == x509.Expired {
			return fault.Wrap(fault.Unavailable, err, "the certificate of %s is not valid today: it is from %s to %s", c.Base,
				invalid.Cert.NotBefore.UTC().Format("2006-01-02 15:04"), invalid.Cert.NotAfter.UTC().Format("2006-01-02 15:04 MST"))
		}
		return fault.Wrap(fault.Unavailable, err, "the certificate of %s is refused: %v", c.base(), invalid)
	}
	return nil
}

// namesIn lists the hosts that a certificate is for.
func namesIn(certificate *x509.Certificate) string {
	names := append([]string{}, certificate.DNSNames...)
	for _, ip := range certificate.IPAddresses {
		names = append(names, ip.String())
	}
	if len(names) == 0 {
		return "no host at all"
	}
	return strings.Join(names, ", ")
}
