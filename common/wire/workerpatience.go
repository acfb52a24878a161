package wire

import (
	"crypto/tls"
	"net"
	"net/http"
	"time"
)

// NewWorkerHTTP returns the HTTP client that workers and keepers reach masters
// with. Connections to a host that is gone are found out within seconds. secure
// is for https masters; nil: the system's certificates.
func NewWorkerHTTP(secure *tls.Config) *http.Client {
	dialer := &net.Dialer{
		Timeout:         2 * time.Second,
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 5 * time.Second, Interval: 2 * time.Second, Count: 3},
	}
	return &http.Client{Transport: &http.Transport{
		DialContext:         dialer.DialContext,
		MaxIdleConnsPerHost: 4,
		IdleConnTimeout:     time.Minute,
		TLSClientConfig:     secure,
		TLSHandshakeTimeout: 2 * time.Second,
	}}
}

// patience is how long one master is waited for before the next one is asked:
// the least at first, because a master that hangs must not hold a worker up, and
// twice as long after each call that nobody answered in time, up to the most,
// because a slow database must not be asked the same for ever.
type patience struct{ least, most time.Duration }

// Patience by what is asked. Facts said twice count once.
func heartbeatPatience() patience { return patience{2 * time.Second, 5 * time.Second} }
func factsPatience() patience     { return patience{5 * time.Second, 20 * time.Second} }

// patient is how long a master is waited for.
func (c *WorkerClient) patient(a asking) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return max(c.grown[a.path], a.patience.least)
}

// answered: masters that answer quickly are waited for the least again.
func (c *WorkerClient) answered(a asking, took time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if took < a.patience.least/2 {
		delete(c.grown, a.path)
	}
}

// wait waits longer the next time.
func (c *WorkerClient) wait(a asking) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.grown == nil {
		c.grown = map[string]time.Duration{}
	}
	c.grown[a.path] = min(2*max(c.grown[a.path], a.patience.least), a.patience.most)
}
