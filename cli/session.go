package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"capricornus/common/config"
	"capricornus/common/fault"
	"capricornus/common/tlsfile"
	"capricornus/common/wire"
)

// A running `capri dev` leaves its address and a token in its data directory.
const (
	defaultDataDir = "./capri-data"
	addressFile    = "address"
	tokenFile      = "token"
)

// leaveSession writes where this `capri dev` is found and a token for it. The
// token comes first: whoever sees the address can use it. The returned function
// takes the address away again.
func leaveSession(dataDir, address, token string) (forget func(), err error) {
	if err := replaceFile(filepath.Join(dataDir, tokenFile), token); err != nil {
		return nil, err
	}
	path := filepath.Join(dataDir, addressFile)
	if err := replaceFile(path, address); err != nil {
		return nil, err
	}
	return func() { _ = os.Remove(path) }, nil
}

// replaceFile puts a file only its owner can read into place as a whole.
func replaceFile(path, text string) error {
	file, err := os.CreateTemp(filepath.Dir(path), ".capri-*") // mode 0600
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	_, err = file.WriteString(text + "\n")
	err = errors.Join(err, file.Close())
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		_ = os.Remove(file.Name())
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

// client finds a master and a token for it: --addr, then --data-dir, then
// CAPRI_ADDR, then the default data directory. The token that a data directory
// holds is sent to the address in that same directory only.
func (a *app) client() (*wire.Client, error) {
	address, others, err := a.addresses()
	if err != nil {
		return nil, err
	}
	token, err := a.token(address)
	if err != nil {
		return nil, err
	}
	if err := a.trust(); err != nil {
		return nil, err
	}
	return &wire.Client{Base: address, Others: others, Token: token.Reveal(), HTTP: a.http}, nil
}

// trust makes the calls to masters trust the CA that the user names, if any,
// and nobody else.
func (a *app) trust() error {
	file := firstOf(a.flags.ca, a.env("CAPRI_CA"))
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

// addresses are those of masters: the one to ask, and those to ask when nobody
// listens there. --addr and CAPRI_ADDR may name several, separated by commas.
func (a *app) addresses() (first string, others []string, err error) {
	text := a.flags.addr
	if _, named := a.dataDir(); text == "" && !named {
		text = a.env("CAPRI_ADDR")
	}
	if text == "" {
		first, err = a.localAddress()
		return first, nil, err
	}
	for i, part := range strings.Split(text, ",") {
		address, err := normalAddress(strings.TrimSpace(part))
		if err != nil {
			return "", nil, err
		}
		if i == 0 {
			first = address
		} else {
			others = append(others, address)
		}
	}
	return first, others, nil
}

// localAddress is that of the capri dev of the data directory.
func (a *app) localAddress() (string, error) {
	dir, _ := a.dataDir()
	address, err := readLine(filepath.Join(dir, addressFile))
	if errors.Is(err, fs.ErrNotExist) {
		return "", fault.Wrap(fault.Unavailable, err, "no master to talk to: nothing runs in %s and there is no address", dir).
			WithHint("start one with `capri dev`, or give --addr URL or CAPRI_ADDR")
	}
	if err != nil {
		return "", fileFault(fault.Unavailable, err, filepath.Join(dir, addressFile))
	}
	return normalAddress(address)
}

func (a *app) token(address string) (config.Secret, error) {
	if a.flags.tokenFile != "" {
		return config.ReadSecret(a.flags.tokenFile)
	}
	dir, named := a.dataDir()
	if token := a.env("CAPRI_TOKEN"); token != "" && !named {
		return config.Secret(strings.TrimSpace(token)), nil
	}
	if !runsAt(dir, address) {
		return "", nil
	}
	return config.ReadSecret(filepath.Join(dir, tokenFile))
}

// runsAt reports whether the capri dev of a data directory is the master at an
// address.
func runsAt(dir, address string) bool {
	text, err := readLine(filepath.Join(dir, addressFile))
	if err != nil {
		return false
	}
	local, err := normalAddress(text)
	return err == nil && local == address
}

func readLine(path string) (string, error) {
	data, err := os.ReadFile(path)
	return strings.TrimSpace(string(data)), err
}

// normalAddress accepts host:port besides a URL, and drops a slash at the end.
func normalAddress(text string) (string, error) {
	full := text
	if !strings.Contains(text, "://") {
		full = "http://" + text
	}
	u, err := url.Parse(full)
	good := err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.User == nil &&
		strings.Trim(u.Path, "/") == "" && u.RawQuery == "" && u.Fragment == ""
	if !good {
		return "", fault.New(fault.Usage, "%q is not the address of a master", text).
			WithHint("write http://host:port or https://host:port")
	}
	return u.Scheme + "://" + u.Host, nil
}
