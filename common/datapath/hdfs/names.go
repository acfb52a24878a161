package hdfs

import (
	"fmt"
	"maps"
	"net"
	"net/url"
	"slices"
	"strings"
)

// names tell which file system a path means: by what stands behind hdfs://.
type names struct {
	clusters map[string]*cluster // by authority, in lower case; "" is the default
	twice    map[string]bool     // hosts without port that serve several file systems
}

// nameAll makes the file systems of a configuration. One that is configured
// under two names is one file system.
func nameAll(access *access, changed func()) (names, []*cluster) {
	n := names{clusters: map[string]*cluster{}, twice: map[string]bool{}}
	var all []*cluster
	add := func(name string, addresses []string) {
		c := n.same(all, addresses)
		if c == nil {
			title := name
			if title == "" {
				title = addresses[0]
			}
			c = newCluster(access, "hdfs://"+title, addresses, changed)
			all = append(all, c)
		}
		n.clusters[strings.ToLower(name)] = c
	}
	if len(access.Namenodes) > 0 {
		add(access.Nameservice, access.Namenodes)
		n.clusters[""] = all[0]
	}
	for _, name := range slices.Sorted(maps.Keys(access.Others)) {
		add(name, access.Others[name])
	}
	for _, c := range all {
		n.addHosts(c)
	}
	return n, all
}

func (n names) same(all []*cluster, addresses []string) *cluster {
	for _, c := range all {
		if slices.Equal(slices.Sorted(slices.Values(c.addresses)), slices.Sorted(slices.Values(addresses))) {
			return c
		}
	}
	return nil
}

// addHosts lets paths name any namenode, with its port or without.
func (n names) addHosts(c *cluster) {
	for _, address := range c.addresses {
		address = strings.ToLower(address)
		if n.clusters[address] == nil {
			n.clusters[address] = c
		}
		host, _, err := net.SplitHostPort(address)
		if err != nil {
			continue
		}
		switch other := n.clusters[host]; other {
		case nil:
			n.clusters[host] = c
		case c:
		default:
			n.twice[host] = other.serves(host)
		}
	}
}

// serves reports whether one of the namenodes runs on the host: a name given to
// the file system in the configuration means it whatever else has that name.
func (c *cluster) serves(host string) bool {
	return slices.ContainsFunc(c.addresses, func(address string) bool {
		own, _, err := net.SplitHostPort(strings.ToLower(address))
		return err == nil && own == host
	})
}

func (n names) find(at *url.URL) (*cluster, error) {
	name := strings.ToLower(at.Host)
	if n.twice[name] {
		return nil, fmt.Errorf("several file systems have a namenode on %s: write its port as well, as in hdfs://%s:8020%s", at.Host, at.Host, at.Path)
	}
	if c := n.clusters[name]; c != nil {
		return c, nil
	}
	known := make([]string, 0, len(n.clusters))
	for _, name := range slices.Sorted(maps.Keys(n.clusters)) {
		if !n.twice[name] {
			known = append(known, "hdfs://"+name+"/…")
		}
	}
	return nil, fmt.Errorf("the file system hdfs://%s is not configured (hdfs.namenodes, hdfs.others); configured are %s", at.Host, strings.Join(known, ", "))
}
