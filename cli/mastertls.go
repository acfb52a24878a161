package cli

import (
	"crypto/tls"
	"log/slog"
	"net"
	"net/http"
	"time"

	"capricornus/common/config"
	"capricornus/common/logs"
	"capricornus/common/tlsfile"
)

// proof is how a master proves itself and whom it trusts; the zero value: by
// nothing, nobody in particular.
type proof struct {
	pair    *tlsfile.Pair     // nil: nothing is encrypted
	members *tls.Config       // of raft's port, for both sides; nil: plain TCP
	peers   http.RoundTripper // for calls of other masters' API; nil: as the system trusts them
}

// renewIn is how long before its end a certificate's age is told.
const renewIn = 21 * 24 * time.Hour

// readProof reads the files that a master's configuration names.
func readProof(cfg config.Master, log *slog.Logger) (proof, error) {
	if cfg.TLS.Cert == "" {
		return proof{}, nil
	}
	pair, err := tlsfile.LoadPair(cfg.TLS.Cert, cfg.TLS.Key, func(err error) {
		log.Warn("the new certificate is of no use, the one before is kept", logs.Error(err))
	})
	if err != nil {
		return proof{}, err
	}
	if left := time.Until(pair.Expires()); left < renewIn {
		log.Warn("the certificate ends soon", logs.Path, cfg.TLS.Cert, logs.Left, left.Round(time.Minute).String())
	}
	p := proof{pair: pair}
	if cfg.TLS.CA == "" {
		return p, nil
	}
	ca, err := tlsfile.ReadCA(cfg.TLS.CA)
	if err != nil {
		return proof{}, err
	}
	if err := pair.CheckMutual(ca); err != nil {
		return proof{}, err
	}
	if p.members, err = pair.Mutual(ca); err != nil {
		return proof{}, err
	}
	secure, err := tlsfile.Client(ca)
	if err != nil {
		return proof{}, err
	}
	p.peers = &http.Transport{
		DialContext:         (&net.Dialer{Timeout: time.Second}).DialContext,
		TLSClientConfig:     secure,
		TLSHandshakeTimeout: 2 * time.Second,
		IdleConnTimeout:     time.Minute,
	}
	return p, nil
}

// secure is the listener of the API.
func (p proof) secure(listener net.Listener) net.Listener {
	if p.pair == nil {
		return listener
	}
	return tls.NewListener(listener, p.pair.Server())
}

// warnOfRisks tells, once at each start, what was configured at one's own risk.
func warnOfRisks(cfg config.Master, log *slog.Logger) {
	if cfg.Open() {
		log.Warn("nothing is encrypted: whoever reads the network reads tokens; see tls.cert", logs.Address, cfg.Listen)
	}
	if cfg.Database.AnyServer {
		log.Warn("database.any_server: an old leader may not be kept from writing on every server; this is for trying only")
	}
}
