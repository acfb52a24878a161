package cli

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"

	"capricornus/common/config"
	"capricornus/common/tlsfile"
)

// Figures of certificates and of clocks told by others.
const (
	expiryWarn = 14 * 24 * time.Hour
	dateWarn   = 3 * time.Second // the header Date has whole seconds
	netPause   = 3 * time.Second // for one connection, handshake or short answer

	refusalPause = 300 * time.Millisecond
)

// port is what was found of an address to listen on.
type port struct {
	address string
	err     error  // why it cannot be had; nil: it is free
	answer  string // what answers there, by its health page; empty: nothing that is ours
}

// tryPort takes it for a moment.
func tryPort(ctx context.Context, address string) port {
	var listen net.ListenConfig
	listener, err := listen.Listen(ctx, "tcp", address)
	if err == nil {
		err = listener.Close()
	}
	return port{address: address, err: err}
}

func judgePort(check string, p port) finding {
	switch {
	case p.err == nil:
		return fine(check, "%s is free", p.address)
	case !errors.Is(p.err, syscall.EADDRINUSE):
		return failed(check, "cannot listen on %s: %s", p.address, reasonOf(p.err))
	case p.answer != "":
		return fine(check, "%s is in use: %s", p.address, p.answer)
	}
	return failed(check, "%s is taken by another program", p.address).todo("ss -ltnp shows by which; end it, or choose another port")
}

// loopback is an address of this machine for one to listen on.
func loopback(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if ip := net.ParseIP(host); err == nil && (host == "" || ip != nil && ip.IsUnspecified()) {
		return net.JoinHostPort("localhost", port)
	}
	return listen
}

// page is a short answer of an HTTP server.
type page struct {
	url    string
	err    error
	status int
	text   string
	date   time.Time     // by the server's clock, whole seconds; zero: it does not say
	ahead  time.Duration // of that clock, to the clock of this machine
}

// readPage fetches a page that needs no token.
func (d *doctor) readPage(ctx context.Context, address string, trust *tls.Config) page {
	p := page{url: address}
	ctx, cancel := context.WithTimeout(ctx, netPause)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		p.err = err
		return p
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: trust, DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		p.err = err
		return p
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, 1<<10))
	p.status, p.text, p.err = response.StatusCode, strings.TrimSpace(string(body)), err
	if date, err := http.ParseTime(response.Header.Get("Date")); err == nil {
		p.date, p.ahead = date, date.Add(time.Second/2).Sub(d.app.now())
	}
	return p
}

// judgeMasterPage says how a master answers its /readyz.
func judgeMasterPage(check string, p page) []finding {
	switch {
	case p.err != nil:
		return []finding{failed(check, "%s does not answer: %s", p.url, netReason(p.err)).todo("is the master started, and the way to it open?")}
	case p.status != http.StatusOK:
		return []finding{worry(check, "%s is not ready: %d %s", p.url, p.status, p.text)}
	}
	found := []finding{fine(check, "%s is ready", p.url)}
	if !p.date.IsZero() && p.ahead.Abs() > dateWarn {
		found = append(found, worry("clock", "the clock of %s differs by about %s from this machine's", p.url, span(p.ahead.Abs())).todo("set both by NTP"))
	}
	return found
}

// netReason is the last part of an error of a call, without its address.
func netReason(err error) string {
	if failed, ok := errors.AsType[*url.Error](err); ok {
		err = failed.Err
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return "no answer in time"
	}
	if lookup, ok := errors.AsType[*net.DNSError](err); ok {
		return "its name is not known: " + lookup.Err
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return err.Error()
	}
	return reasonOf(err)
}

// peer is what was found of a raft port.
type peer struct {
	node, address string
	err           error
	secured       bool
	expires       time.Time // of its certificate, when secured
}

// callPeer connects to a raft port as the masters do, and says nothing there.
func callPeer(ctx context.Context, p peer, trust *tls.Config) peer {
	ctx, cancel := context.WithTimeout(ctx, netPause)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", p.address)
	if err != nil || trust == nil {
		p.err = err
		if err == nil {
			p.err = conn.Close()
		}
		return p
	}
	own := trust.Clone()
	own.ServerName, _, _ = net.SplitHostPort(p.address)
	secure := tls.Client(conn, own)
	defer secure.Close()
	p.secured, p.err = true, secure.HandshakeContext(ctx)
	if p.err == nil {
		p.err = refusedAfter(secure)
	}
	if chain := secure.ConnectionState().PeerCertificates; p.err == nil && len(chain) > 0 {
		p.expires = chain[0].NotAfter
	}
	return p
}

// refusedAfter waits a moment for the other side to refuse our certificate: by
// TLS 1.3 that comes after the handshake. A raft port says nothing by itself.
func refusedAfter(conn *tls.Conn) error {
	if err := conn.SetReadDeadline(time.Now().Add(refusalPause)); err != nil {
		return err
	}
	_, err := conn.Read(make([]byte, 1))
	if alert, ok := errors.AsType[*net.OpError](err); ok && alert.Op == "remote error" {
		return errors.New("it refuses this master's certificate: " + alert.Err.Error())
	}
	return nil
}

func judgePeer(p peer, now time.Time) finding {
	check := "raft " + p.node
	switch {
	case p.err != nil:
		return failed(check, "%s does not answer: %s", p.address, netReason(p.err)).todo("start %s and let the masters reach each other's raft ports; if it was removed, take it out of raft.peers", p.node)
	case !p.secured:
		return fine(check, "%s answers, not encrypted", p.address)
	}
	if f, soon := judgeExpiry(check, "the certificate of "+p.node, p.expires, now); soon {
		return f
	}
	return fine(check, "%s answers, its certificate holds until %s", p.address, p.expires.UTC().Format(time.DateOnly))
}

// judgePeers says how the other masters answer this one. Those that are missed
// are a failure when there is no majority with this one.
func judgePeers(all []peer, now time.Time) []finding {
	found, answering, members := make([]finding, 0, len(all)+1), 1, len(all)+1
	for _, p := range all {
		f := judgePeer(p, now)
		if p.err == nil {
			answering++
		}
		found = append(found, f)
	}
	quorum := members/2 + 1
	if answering < quorum {
		return append(found, failed("majority", "%d of %d masters with this one, and %d are needed", answering, members, quorum))
	}
	for i := range found {
		if found[i].Verdict == verdictFail && all[i].err != nil {
			found[i].Verdict = verdictWarn
		}
	}
	if members%2 == 0 {
		return append(found, worry("majority", "%d masters bear no more failures than %d", members, members-1).todo("three or five masters, not two or four"))
	}
	return append(found, fine("majority", "%d of %d masters with this one, %d are needed", answering, members, quorum))
}

// judgeExpiry warns of a certificate that ends soon.
func judgeExpiry(check, what string, expires, now time.Time) (finding, bool) {
	switch left := expires.Sub(now); {
	case left <= 0:
		return failed(check, "%s expired on %s", what, expires.UTC().Format(time.DateOnly)).todo("put a new one into its file: it is taken up without a restart"), true
	case left < expiryWarn:
		return worry(check, "%s expires in %s", what, span(left)).todo("put a new one into its file: it is taken up without a restart"), true
	}
	return finding{}, false
}

// ownTLS reads a master's certificate, key and CA. The configuration is the one
// that masters call each other with; nil where nothing is encrypted.
func ownTLS(t config.TLS, now time.Time) (*tls.Config, []finding) {
	if t.Cert == "" && t.Key == "" {
		return nil, []finding{fine("tls", "not configured: nothing is encrypted")}
	}
	pair, err := tlsfile.LoadPair(t.Cert, t.Key, func(error) {})
	if err != nil {
		return nil, []finding{failedBy("tls", err)}
	}
	found := []finding{fine("tls", "%s holds until %s", t.Cert, pair.Expires().UTC().Format(time.DateOnly))}
	if f, soon := judgeExpiry("tls", t.Cert, pair.Expires(), now); soon {
		found[0] = f
	}
	if t.CA == "" {
		return nil, found
	}
	ca, err := tlsfile.ReadCA(t.CA)
	if err == nil {
		err = pair.CheckMutual(ca)
	}
	if err != nil {
		return nil, append(found, failedBy("tls.ca", err))
	}
	mutual, err := pair.Mutual(ca)
	if err != nil {
		return nil, append(found, failedBy("tls.ca", err))
	}
	return mutual, append(found, fine("tls.ca", "%s has signed it", t.CA))
}

// trusting is the configuration of a client that believes the masters of a CA,
// or those the system trusts.
func trusting(file string) *tls.Config {
	if file == "" {
		return nil
	}
	ca, err := tlsfile.ReadCA(file)
	if err != nil {
		return nil // said where the file is looked at
	}
	trust, err := tlsfile.Client(ca)
	if err != nil {
		return nil
	}
	return trust
}

// dialService connects to where a URL points, and asks nothing.
func dialService(ctx context.Context, check, text string) finding {
	u, err := url.Parse(text)
	if err != nil {
		return failed(check, "%s is no URL", text)
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	ctx, cancel := context.WithTimeout(ctx, netPause)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", net.JoinHostPort(u.Hostname(), port))
	if err == nil {
		err = conn.Close()
	}
	if err != nil {
		return failed(check, "%s does not answer: %s", u.Redacted(), netReason(err)).todo("batches of tasks with quality.enabled wait for it")
	}
	return fine(check, "%s takes connections", fmt.Sprint(u.Redacted()))
}
