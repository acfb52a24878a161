package channel

import (
	"context"
	"net/url"
	"time"

	"capricornus/common/config"
	"capricornus/common/fault"
)

// signalTimeout is for one call of an outside monitor.
const signalTimeout = 10 * time.Second

// Signal calls the URL of an outside monitor that rings when the calls stop.
type Signal struct {
	caller *caller
	method string
	call   config.GatewayCall
}

// NewSignal reads the URL, and calls nobody yet; nil: there is no monitor. Errors
// are faults that name the key.
func NewSignal(cfg config.Heartbeat) (*Signal, error) {
	if !cfg.On() {
		return nil, nil //nolint:nilnil // as documented
	}
	if cfg.URL == "" {
		secret, err := config.ReadSecret(cfg.URLFile)
		if err != nil {
			return nil, at("alerts.heartbeat.url_file", err)
		}
		cfg.URL = secret
	}
	if u, err := url.Parse(cfg.URL.Reveal()); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fault.New(fault.Invalid, "alerts.heartbeat: this is not a URL: write it as the monitor shows it, https://…")
	}
	return &Signal{
		caller: newCaller("outside monitor", signalTimeout, rules{}, newHider(urlSecrets(cfg.URL)...)),
		method: cfg.Method,
		call:   config.GatewayCall{URL: cfg.URL.Reveal(), Headers: map[string]string{"Content-Type": "text/plain; charset=utf-8"}},
	}, nil
}

// Call makes one call. Any status but 200 to 299 is an error; redirects are not
// followed.
func (s *Signal) Call(ctx context.Context) error {
	_, err := s.caller.call(ctx, s.method, s.call)
	return err
}
