package cli

import (
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"capricornus/common/config"
	"capricornus/common/fault"
	"capricornus/common/logs"
	"capricornus/common/tlsfile"
	"capricornus/common/wire"
)

// target is whom a command speaks to and as whom, with where that was found:
// whoever is refused wants to know which of the many places it was.
type target struct {
	addresses []string
	from      string
	token     config.Secret
	tokenFrom string
	place     savedPlace // the context that names the addresses or the token; zero: none
}

// client finds masters and a token for them: flags, then --data-dir, then the
// environment, then the context in use, then the default data directory. A
// token goes to the address that it was found with and to no other.
func (a *app) client() (*wire.Client, error) {
	t, err := a.destination()
	if err != nil {
		return nil, err
	}
	if t, err = a.credential(t); err != nil {
		return nil, err
	}
	a.used = t
	if err := a.trust(t.place.CA); err != nil {
		return nil, err
	}
	return &wire.Client{
		Base: t.addresses[0], Others: t.addresses[1:], Token: t.token.Reveal(), HTTP: a.http, Request: logs.NewRequestID(), // of all calls of this command
	}, nil
}

// trust makes the calls to masters trust the CA that the user names, else that
// of the context, if any, and nobody else.
func (a *app) trust(ofContext string) error {
	file := firstOf(a.flags.ca, a.env("CAPRI_CA"), ofContext)
	if file == "" {
		return nil
	}
	text, err := tlsfile.ReadCA(file)
	if err != nil {
		return err
	}
	secure, err := tlsfile.Client(text)
	if err != nil {
		return err
	}
	a.http = wire.NewHTTP(secure)
	return nil
}

// dataDir is the data directory to look at, and whether the call names it.
func (a *app) dataDir() (dir string, named bool) {
	if a.flags.dataDir != "" {
		return a.flags.dataDir, true
	}
	if dir := a.env("CAPRI_DATA_DIR"); dir != "" {
		return dir, false
	}
	return defaultDataDir, false
}

// destination are the addresses of masters: the one to ask first, and those to
// ask when nobody listens there.
func (a *app) destination() (target, error) {
	if a.flags.dataDir != "" && a.flags.context != "" {
		return target{}, fault.New(fault.Usage, "--data-dir and --context each say where the masters are: give one of them")
	}
	switch {
	case a.flags.addr != "":
		return listed(a.flags.addr, "--addr")
	case a.flags.dataDir != "":
		return a.localTarget()
	case a.flags.context != "":
		return a.contextTarget(a.flags.context, "--context")
	case a.env("CAPRI_ADDR") != "":
		return listed(a.env("CAPRI_ADDR"), "CAPRI_ADDR")
	case a.env("CAPRI_CONTEXT") != "":
		return a.contextTarget(a.env("CAPRI_CONTEXT"), "CAPRI_CONTEXT")
	case a.env("CAPRI_DATA_DIR") != "":
		return a.localTarget()
	}
	all, err := a.contexts()
	if err != nil {
		return target{}, err
	}
	if all.Current != "" {
		return a.contextTarget(all.Current, "")
	}
	return a.localTarget()
}

// listed reads addresses that are separated by commas.
func listed(text, from string) (target, error) {
	t := target{from: from}
	for part := range strings.SplitSeq(text, ",") {
		address, err := normalAddress(strings.TrimSpace(part))
		if err != nil {
			return target{}, err
		}
		t.addresses = append(t.addresses, address)
	}
	return t, nil
}

// contextTarget are the masters of a context, chosen by a flag, a variable or,
// with "", because it is the current one.
func (a *app) contextTarget(name, by string) (target, error) {
	all, err := a.contexts()
	if err != nil {
		return target{}, err
	}
	place, err := all.named(name)
	if err != nil {
		return target{}, err
	}
	if len(place.Addr) == 0 {
		return target{}, fault.New(fault.Invalid, "context %s has no address", name).WithHint("capri context set %s --addr URL", name)
	}
	t, err := listed(strings.Join(place.Addr, ","), a.contextWords(name, by))
	if err != nil {
		return target{}, fault.New(fault.Invalid, "context %s: %s", name, err)
	}
	t.place = place
	return t, nil
}

// contextWords says which context it was and how it was chosen.
func (a *app) contextWords(name, by string) string {
	words := "the context " + name + " in " + a.contextsFile()
	if by != "" {
		words += ", chosen by " + by
	}
	return words
}

// localTarget is the capri dev of the data directory.
func (a *app) localTarget() (target, error) {
	dir, _ := a.dataDir()
	path := filepath.Join(dir, addressFile)
	text, err := readLine(path)
	if errors.Is(err, fs.ErrNotExist) {
		return target{}, fault.Wrap(fault.Unavailable, err, "no master to talk to: nothing runs in %s and there is no address", dir).
			WithHint("start one with `capri dev`, log in with `capri login ADDR`, or give --addr URL or CAPRI_ADDR")
	}
	if err != nil {
		return target{}, fileFault(fault.Unavailable, err, path)
	}
	address, err := normalAddress(text)
	return target{addresses: []string{address}, from: path}, err
}

// credential adds the token to a destination.
func (a *app) credential(t target) (target, error) {
	var err error
	dir, named := a.dataDir()
	file := filepath.Join(dir, tokenFile)
	switch {
	case a.flags.tokenFile != "":
		t.tokenFrom = "--token-file"
		t.token, err = config.ReadSecret(a.flags.tokenFile)
	case a.env("CAPRI_TOKEN") != "" && !named && a.flags.context == "":
		t.token, t.tokenFrom = config.Secret(strings.TrimSpace(a.env("CAPRI_TOKEN"))), "CAPRI_TOKEN"
	case t.place.Name != "":
		t.token, err = t.place.secret()
		t.tokenFrom = a.contextWords(t.place.Name, "")
	case a.flags.context == "" && runsAt(dir, t.addresses[0]):
		t.tokenFrom = file
		t.token, err = config.ReadSecret(file)
	case !named:
		return a.borrowed(t)
	}
	return t, err
}

// borrowed is the token of the chosen context for addresses that were named by
// other means, when all of them are that context's.
func (a *app) borrowed(t target) (target, error) {
	all, err := a.contexts()
	if err != nil {
		return t, err
	}
	place, found := all.find(firstOf(a.flags.context, a.env("CAPRI_CONTEXT"), all.Current))
	if found < 0 {
		if a.flags.context != "" {
			_, err = all.named(a.flags.context)
		}
		return t, err
	}
	own, err := listed(strings.Join(place.Addr, ","), "")
	foreign := func(address string) bool { return !slices.Contains(own.addresses, address) }
	if err != nil || slices.ContainsFunc(t.addresses, foreign) {
		if a.flags.context != "" {
			return t, fault.New(fault.Usage, "%s is no address of context %s, and its token goes nowhere else", strings.Join(t.addresses, ", "), place.Name).
				WithHint("give --token-file, or leave --context away")
		}
		return t, nil
	}
	t.place, t.tokenFrom = place, a.contextWords(place.Name, "")
	t.token, err = place.secret()
	return t, err
}

// secret is the token of a context, empty when nobody is logged in.
func (p savedPlace) secret() (config.Secret, error) {
	if p.Token == "" && p.TokenFile != "" {
		return config.ReadSecret(p.TokenFile)
	}
	return config.Secret(p.Token), nil
}

// provenance says where the address or the token came from that a call failed
// with; "" when that does not matter.
func (a *app) provenance(err error) string {
	told, ok := errors.AsType[*fault.Error](err)
	if !ok || a.used.from == "" {
		return ""
	}
	switch {
	case told.Code == fault.Unavailable && errors.Unwrap(told) != nil && a.used.from != "--addr":
		return "the address comes from " + a.used.from
	case told.Code != fault.Unauthed:
		return ""
	case a.used.token == "":
		return "no token was sent: capri login gets one; the address comes from " + a.used.from
	}
	words := "the token comes from " + a.used.tokenFrom
	if ends := a.used.place.Expires; !ends.IsZero() && !ends.After(a.now()) {
		words += "; that login ended at " + ends.Format("2006-01-02T15:04:05Z07:00")
	}
	if a.used.place.Name != "" && a.used.place.TokenFile == "" {
		words += "; capri login --context " + a.used.place.Name + " gets a new one"
	}
	return words
}
