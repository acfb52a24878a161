package cli

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"capricornus/common/fault"
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
