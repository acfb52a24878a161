package outbound

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"time"
)

const (
	dialTimeout  = 10 * time.Second
	maxHeaders   = 64 << 10
	maxRedirects = 5
)

// Resolver turns a name into addresses; net.Resolver does.
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// Client returns a client that calls the hosts of a list only: by no proxy, with
// the system's roots, and following redirects at the same scheme, host and port,
// or from http to https of the same name. It keeps no connections and has no
// timeout of its own. Check a URL by CheckURL before the first call.
func (h Hosts) Client(names Resolver) *http.Client {
	d := dialer{hosts: h, names: names}
	return &http.Client{
		Transport: &http.Transport{
			DialContext: d.dial, TLSHandshakeTimeout: dialTimeout, MaxResponseHeaderBytes: maxHeaders,
			DisableKeepAlives: true, ForceAttemptHTTP2: true,
		},
		CheckRedirect: h.checkRedirect,
	}
}

func (h Hosts) checkRedirect(next *http.Request, before []*http.Request) error {
	if len(before) > maxRedirects {
		return refuse("there are more than %d redirects", maxRedirects)
	}
	if from := before[0].URL; !samePlace(from, next.URL) {
		return refuse("it redirects to %s://%s: a redirect is followed at the same host only", next.URL.Scheme, next.URL.Host)
	}
	return h.CheckURL(next.URL)
}

func samePlace(from, to *url.URL) bool {
	portFrom, errFrom := portOf(from)
	portTo, errTo := portOf(to)
	if errFrom != nil || errTo != nil || from.Hostname() != to.Hostname() {
		return false
	}
	return from.Scheme == to.Scheme && portFrom == portTo ||
		from.Scheme == "http" && portFrom == 80 && to.Scheme == "https" && portTo == 443
}

type dialer struct {
	hosts Hosts
	names Resolver
}

// dial resolves, checks, and connects to the very address it has checked.
func (d dialer) dial(ctx context.Context, network, address string) (net.Conn, error) {
	addrs, port, err := d.addresses(ctx, address)
	if err != nil {
		return nil, err
	}
	var failed error
	plain := net.Dialer{Timeout: dialTimeout}
	for _, addr := range addrs {
		conn, err := plain.DialContext(ctx, network, netip.AddrPortFrom(addr, port).String())
		if err == nil {
			return conn, nil
		}
		failed = errors.Join(failed, err)
	}
	return nil, failed
}

// addresses returns those of a host that may be called; if none may, why not.
func (d dialer) addresses(ctx context.Context, address string) ([]netip.Addr, uint16, error) {
	host, portText, err := net.SplitHostPort(address)
	if err != nil {
		return nil, 0, fmt.Errorf("dial: %w", err)
	}
	number, err := strconv.ParseUint(portText, 10, 16)
	if err != nil {
		return nil, 0, fmt.Errorf("dial: %w", err)
	}
	port := uint16(number)
	if addr, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{addr}, port, d.hosts.checkAddress(host, addr, port)
	}
	if !d.hosts.hasName(host, port) {
		return nil, 0, refuse("%s is not among the hosts that may be called", where(host, port))
	}
	found, err := d.names.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil, 0, err
	}
	var good []netip.Addr
	var refused error
	for _, addr := range found {
		if err := d.hosts.checkResolved(host, addr, port); err != nil {
			refused = err
			continue
		}
		good = append(good, addr.Unmap())
	}
	if len(good) == 0 && refused == nil {
		refused = fmt.Errorf("%s has no address", host)
	}
	if len(good) > 0 {
		refused = nil
	}
	return good, port, refused
}
