package channel

import (
	"context"
	"maps"
	"net/url"
	"slices"
	"strings"

	"capricornus/common/config"
	"capricornus/common/fault"
)

// gateway sends by an HTTP service that templates describe.
type gateway struct {
	caller    *caller
	method    string
	templates *config.GatewayTemplates
}

// NewGateway reads the secrets and tries the templates, and calls nobody yet.
// Errors are faults that name the key.
func NewGateway(cfg GatewayConfig) (Sender, error) {
	return newGateway("gateway", "gateway", cfg)
}

// newGateway makes the gateway whose keys are below path.
func newGateway(path, what string, cfg GatewayConfig) (Sender, error) {
	secrets, err := secretsOf(path, cfg.Secrets)
	if err != nil {
		return nil, err
	}
	templates, problems := cfg.Templates(secrets)
	if len(problems) > 0 {
		return nil, fault.New(fault.Invalid, "%s.%s: %s", path, problems[0].Path, problems[0].Text)
	}
	hide := newHider(slices.Concat(slices.Collect(maps.Values(secrets)), headerSecrets(cfg.Headers), urlSecrets(cfg.URL))...)
	return &gateway{caller: newCaller(what, cfg.Timeout, rulesOf(&cfg), hide), method: cfg.Method, templates: templates}, nil
}

// Send makes one call.
func (g *gateway) Send(ctx context.Context, e Envelope) (string, error) {
	call, err := g.templates.Fill(config.AlertFields{
		Phone: e.Address, Text: e.Text.Plain, Name: e.Name, Key: e.Key, Lang: e.Lang, Level: e.Level,
	})
	if err != nil {
		return "", permanent("the templates of the %s cannot be filled in: %s", g.caller.what, g.caller.hide.line(err.Error()))
	}
	return g.caller.call(ctx, g.method, call)
}

// headerSecrets are the values that could be passwords, with and without the
// word before them, such as Bearer.
func headerSecrets(headers map[string]config.Secret) []config.Secret {
	var out []config.Secret
	for _, value := range headers {
		for word := range strings.FieldsSeq(value.Reveal()) {
			if len(word) >= shortestToken {
				out = append(out, config.Secret(word))
			}
		}
	}
	return out
}

// shortestToken is the length from which a part of a URL or header may be a
// password; a shorter one is more likely an ordinary word.
const shortestToken = 8

// urlSecrets are the parts of a URL that could be passwords: those of its path
// and the values of its query.
func urlSecrets(text config.Secret) []config.Secret {
	out := []config.Secret{text}
	u, err := url.Parse(text.Reveal())
	if err != nil {
		return out
	}
	parts := strings.Split(u.Path, "/")
	for _, values := range u.Query() {
		parts = append(parts, values...)
	}
	for _, part := range parts {
		if len(part) >= shortestToken {
			out = append(out, config.Secret(part))
		}
	}
	return out
}
