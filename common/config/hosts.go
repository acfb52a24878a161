package config

import "capricornus/common/outbound"

const aboutHTTPHosts = "`HOST,...` that http tasks may call: names, *.names, addresses or networks, with :port if need be; empty: none"

// checkHosts wants entries of http_hosts.
func (p *InvalidError) checkHosts(entries []string) {
	for _, entry := range entries {
		_, err := outbound.ParseHosts([]string{entry})
		p.check("http_hosts", err)
	}
}
