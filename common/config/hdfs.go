package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// HDFS says how data paths and program packages on HDFS are reached.
type HDFS struct {
	Namenodes   []string          // host:port of the namenodes of the file system that hdfs:///… means; empty: there is no HDFS
	Nameservice string            // its name in paths, as in hdfs://NAME/…; paths may name one of its namenodes as well
	Others      map[string]string // other file systems by their name in paths: their namenodes, separated by blanks
	User        string            // who looks and reads, without Kerberos; empty: the user this runs as
	Timeout     time.Duration     // without an answer
	Clients     int               // connections to the namenodes of one file system at the same time
	Kerberos    Kerberos
	Protection  string // of data on its way: authentication | integrity | privacy; empty: none, or what the datanodes ask for
	Hostnames   bool   // reach datanodes by their names instead of their addresses
}

// Kerberos says who this is to HDFS. Without a principal there is no Kerberos.
type Kerberos struct {
	Principal string // user@REALM
	Keytab    string // file with the principal's keys
	Config    string // krb5.conf
	Service   string // principal of the namenodes, without realm; _HOST stands for the host
}

func defaultHDFS() HDFS {
	return HDFS{
		Namenodes: []string{}, Others: map[string]string{},
		Timeout: 10 * time.Second, Clients: 16,
		Kerberos: Kerberos{Config: "/etc/krb5.conf", Service: "nn/_HOST"},
	}
}

func (h *HDFS) keys() []Key {
	return []Key{
		listKey("hdfs.namenodes", &h.Namenodes, "`HOST:PORT,...` of the namenodes of the file system that hdfs:///… means; empty: there is no HDFS"),
		textKey("hdfs.nameservice", &h.Nameservice, "`NAME` of that file system in paths, hdfs://NAME/…"),
		mapKey("hdfs.others", &h.Others, "other file systems by their names in paths, `NAME=HOST:PORT HOST:PORT,...`"),
		textKey("hdfs.user", &h.User, "`NAME` of the user who looks and reads, without Kerberos; empty: the one this runs as"),
		durationKey("hdfs.timeout", &h.Timeout, "`TIME` without an answer after which a call is given up"),
		intKey("hdfs.clients", &h.Clients, "`N` connections to the namenodes of one file system at the same time"),
		textKey("hdfs.kerberos.principal", &h.Kerberos.Principal, "`USER@REALM` who looks and reads; empty: no Kerberos"),
		textKey("hdfs.kerberos.keytab", &h.Kerberos.Keytab, "`FILE` with the keys of the principal"),
		textKey("hdfs.kerberos.config", &h.Kerberos.Config, "`FILE` that says where the realms are, krb5.conf"),
		textKey("hdfs.kerberos.service", &h.Kerberos.Service, "`SERVICE/HOST` that the namenodes are to Kerberos; _HOST stands for each one's host"),
		textKey("hdfs.protection", &h.Protection, "of data on its way, `authentication|integrity|privacy`; empty: what the datanodes ask for"),
		switchKey("hdfs.hostnames", &h.Hostnames, "reach datanodes by their names instead of their addresses"),
	}
}

// Namenodes of another file system, as they are written in a map of them.
func namenodesOf(text string) []string { return strings.Fields(text) }

// OtherNamenodes are the namenodes of the other file systems, by name.
func (h *HDFS) OtherNamenodes() map[string][]string {
	out := make(map[string][]string, len(h.Others))
	for name, text := range h.Others {
		out[name] = namenodesOf(text)
	}
	return out
}

// checkNamenode wants host:port with both parts.
func checkNamenode(text string) error {
	if checkPeer(text) != nil {
		return fmt.Errorf("%q is not the address of a namenode: write host:port, for example nn1:8020", text)
	}
	return nil
}

func (h *HDFS) validate(p *InvalidError) {
	for _, address := range h.Namenodes {
		p.check("hdfs.namenodes", checkNamenode(address))
	}
	if h.Nameservice != "" {
		p.check("hdfs.nameservice", checkName(h.Nameservice))
	}
	h.validateOthers(p)
	if h.Timeout < 100*time.Millisecond || h.Timeout > 5*time.Minute {
		p.add("hdfs.timeout", "%s is out of bounds: write 100ms to 5m", h.Timeout)
	}
	if h.Clients < 1 || h.Clients > 256 {
		p.add("hdfs.clients", "%d is out of bounds: write 1 to 256", h.Clients)
	}
	p.check("hdfs.protection", checkOneOf(h.Protection, "", "authentication", "integrity", "privacy"))
	h.Kerberos.validate(p)
}

func (h *HDFS) validateOthers(p *InvalidError) {
	for _, name := range slices.Sorted(maps.Keys(h.Others)) {
		p.check("hdfs.others", checkName(name))
		if name == h.Nameservice {
			p.add("hdfs.others", "%q is hdfs.nameservice already: two file systems cannot have one name", name)
		}
		addresses := namenodesOf(h.Others[name])
		if len(addresses) == 0 {
			p.add("hdfs.others", "%q has no namenodes: write %s: \"host:8020 host:8020\"", name, name)
		}
		for _, address := range addresses {
			p.check("hdfs.others", checkNamenode(address))
		}
	}
}

func (k *Kerberos) validate(p *InvalidError) {
	if k.Principal == "" {
		if k.Keytab != "" {
			p.add("hdfs.kerberos.principal", "is missing, though there is a keytab: write whose keys it holds, user@REALM")
		}
		return
	}
	if user, realm, found := strings.Cut(k.Principal, "@"); !found || user == "" || realm == "" || strings.Contains(realm, "@") {
		p.add("hdfs.kerberos.principal", "%q is not a principal: write user@REALM", k.Principal)
	}
	if k.Keytab == "" {
		p.add("hdfs.kerberos.keytab", "is missing: write the name of the file that holds the keys of %s", k.Principal)
	}
	if k.Config == "" {
		p.add("hdfs.kerberos.config", "is missing: write the name of the file that says where the realms are, /etc/krb5.conf")
	}
	if service, host, found := strings.Cut(k.Service, "/"); !found || service == "" || host == "" || strings.Contains(k.Service, "@") {
		p.add("hdfs.kerberos.service", "%q is not a service: write it without its realm, for example nn/_HOST", k.Service)
	}
}
