package config

import (
	"strings"
	"testing"
)

func TestHostsOfHTTPTasksAreChecked(t *testing.T) {
	w := DefaultWorker()
	w.complete("w1")
	w.HTTPHosts = []string{"api.example.com", "*.internal:8443", "10.1.0.0/16", "http://a/", "10.1.2.3/16"}
	err := w.Validate()
	if err == nil || !strings.Contains(err.Error(), `"http://a/" is no host: write a name`) || !strings.Contains(err.Error(), "write 10.1.0.0/16") || strings.Count(err.Error(), "http_hosts: ") != 2 {
		t.Errorf("got %v, want the two that are no hosts", err)
	}
}
