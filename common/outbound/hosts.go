// Package outbound makes HTTP calls to where somebody has allowed them, and
// nowhere else. A URL's host is checked as it is written, every address again
// at the moment it is dialled, so that neither a redirect nor a name that
// changes its address leads elsewhere.
package outbound

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// Hosts is a list of what may be called. Its zero value allows nothing.
//
//   - A name, or *.name for all names below it, allows that name when it leads to
//     public addresses.
//   - An address or a network allows those addresses, in a URL or behind an
//     allowed name. Addresses that are not public (loopback, private, link-local
//     and the like) need an address, or a network that lies in that range whole:
//     0.0.0.0/0 opens none of them.
//   - With :port an entry is about that port only.
type Hosts struct {
	names []nameEntry
	nets  []netEntry
}

type nameEntry struct {
	name  string // lower case
	below bool   // *.name
	port  uint16 // 0: all
}

type netEntry struct {
	net  netip.Prefix
	port uint16
}

// ParseHosts reads entries and reports all that are none.
func ParseHosts(entries []string) (Hosts, error) {
	var h Hosts
	var problems []error
	for _, entry := range entries {
		if err := h.add(entry); err != nil {
			problems = append(problems, err)
		}
	}
	return h, errors.Join(problems...)
}

func (h *Hosts) add(entry string) error {
	text, port, good := cutPort(entry)
	if !good {
		return entryError(entry)
	}
	if addr, err := netip.ParseAddr(text); err == nil && addr.Zone() == "" {
		addr = addr.Unmap()
		h.nets = append(h.nets, netEntry{netip.PrefixFrom(addr, addr.BitLen()), port})
		return nil
	}
	if net, err := netip.ParsePrefix(text); err == nil {
		if net != net.Masked() {
			return fmt.Errorf("%q is a network with a host in it: write %s, or the address alone", entry, net.Masked())
		}
		h.nets = append(h.nets, netEntry{net, port})
		return nil
	}
	name, below := strings.CutPrefix(strings.ToLower(text), "*.")
	if !isHostName(name) {
		return entryError(entry)
	}
	h.names = append(h.names, nameEntry{name, below, port})
	return nil
}

func entryError(entry string) error {
	return fmt.Errorf("%q is no host: write a name, *.name, an address or a network, with :port if need be, for example api.example.com:8443 or 10.1.0.0/16", entry)
}

// cutPort splits an entry; addresses of version 6 with a port have brackets.
func cutPort(entry string) (host string, port uint16, good bool) {
	if strings.HasPrefix(entry, "[") {
		inside, rest, closed := strings.Cut(entry[1:], "]")
		if !closed || !strings.Contains(inside, ":") {
			return "", 0, false
		}
		if rest == "" {
			return inside, 0, true
		}
		host, entry = inside, rest
	} else if strings.Count(entry, ":") != 1 {
		return entry, 0, true
	} else {
		host, entry, _ = strings.Cut(entry, ":")
		entry = ":" + entry
	}
	n, err := strconv.ParseUint(strings.TrimPrefix(entry, ":"), 10, 16)
	return host, uint16(n), err == nil && n > 0 && entry[0] == ':'
}

func isHostName(name string) bool {
	if name == "" || len(name) > 253 {
		return false
	}
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return false
		}
	}
	return true
}

// Empty reports that nothing is allowed.
func (h Hosts) Empty() bool { return len(h.names)+len(h.nets) == 0 }

// RefusedError says why something must not be called.
type RefusedError struct{ Reason string }

// Error implements error.
func (e *RefusedError) Error() string { return e.Reason }

func refuse(format string, args ...any) error { return &RefusedError{fmt.Sprintf(format, args...)} }

// CheckURL returns a RefusedError unless a URL may be called as far as its text
// tells.
func (h Hosts) CheckURL(u *url.URL) error {
	port, err := portOf(u)
	if err != nil {
		return err
	}
	host := u.Hostname()
	if addr, err := netip.ParseAddr(host); err == nil {
		return h.checkAddress(host, addr, port)
	}
	if h.hasName(host, port) {
		return nil
	}
	return refuse("%s is not among the hosts that may be called", where(host, port))
}

func portOf(u *url.URL) (uint16, error) {
	switch text := u.Port(); {
	case text != "":
		n, err := strconv.ParseUint(text, 10, 16)
		if err != nil || n == 0 {
			return 0, refuse("%q is no port", text)
		}
		return uint16(n), nil
	case u.Scheme == "http":
		return 80, nil
	case u.Scheme == "https":
		return 443, nil
	}
	return 0, refuse("%q is not the scheme of a call; it must be http or https", u.Scheme)
}

func where(host string, port uint16) string {
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return host + ":" + strconv.Itoa(int(port))
}

func (h Hosts) hasName(host string, port uint16) bool {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	for _, e := range h.names {
		if e.port != 0 && e.port != port {
			continue
		}
		if host == e.name && !e.below || e.below && strings.HasSuffix(host, "."+e.name) {
			return true
		}
	}
	return false
}

// checkAddress is about an address that a URL names itself.
func (h Hosts) checkAddress(host string, addr netip.Addr, port uint16) error {
	if addr.Zone() == "" && h.hasAddress(addr.Unmap(), port) {
		return nil
	}
	return refuse("%s is not among the hosts that may be called", where(host, port))
}

func (h Hosts) hasAddress(addr netip.Addr, port uint16) bool {
	for _, e := range h.nets {
		if e.net.Contains(addr) && (e.port == 0 || e.port == port) && opens(e.net, addr) {
			return true
		}
	}
	return false
}

// opens says whether a network may stand for an address of it: one that is not
// public needs a network inside its own range.
func opens(net netip.Prefix, addr netip.Addr) bool {
	own, special := reserved(addr)
	return !special || own.Bits() <= net.Bits() && own.Contains(net.Addr())
}

// checkResolved is about an address that an allowed name leads to.
func (h Hosts) checkResolved(host string, addr netip.Addr, port uint16) error {
	addr = addr.Unmap()
	if addr.Zone() != "" {
		return refuse("%s leads to %s, an address of one link", host, addr)
	}
	if own, special := reserved(addr); special && !h.hasAddress(addr, port) {
		return refuse("%s leads to %s, which is not public (%s) and not itself among the hosts that may be called", host, addr, own)
	}
	return nil
}

// reserved returns the range of addresses that are not public an address
// belongs to. Ranges that carry addresses of version 4 inside are among them.
func reserved(addr netip.Addr) (netip.Prefix, bool) {
	for _, text := range []string{
		"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
		"192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4",
		"::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/32", "2002::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
	} {
		if net := netip.MustParsePrefix(text); net.Contains(addr) {
			return net, true
		}
	}
	return netip.Prefix{}, false
}
