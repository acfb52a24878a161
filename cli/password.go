package cli

import (
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/term"

	"capricornus/common/config"
	"capricornus/common/fault"
)

// maxSecret bounds what is read of a secret from stdin.
const maxSecret = 4096

// password comes from a file, from a terminal without being shown, or from
// stdin when that is something else.
func (a *app) password(file, prompt string) (config.Secret, error) {
	if file != "" {
		return config.ReadSecret(file)
	}
	if !a.isTerminal(a.in) {
		return a.pipedPassword()
	}
	fmt.Fprint(a.err, prompt)
	text, err := a.hidden()
	a.say("")
	if err != nil || text == "" {
		return "", &outcome{code: exitFailed, text: "no password was written: nothing was changed"}
	}
	return config.Secret(text), nil
}

// newPassword is password for one that is to be set: a person writes it twice.
func (a *app) newPassword(file, whose string) (config.Secret, error) {
	first, err := a.password(file, "New password of "+whose+": ")
	if err != nil || file != "" || !a.isTerminal(a.in) {
		return first, err
	}
	second, err := a.password("", "Once more: ")
	if err == nil && first != second {
		return "", &outcome{code: exitFailed, text: "the two are not the same: nothing was changed"}
	}
	return first, err
}

// pipedPassword is the first line of stdin.
func (a *app) pipedPassword() (config.Secret, error) {
	line, err := a.lines().ReadString('\n')
	if err != nil && err != io.EOF {
		return "", fault.Wrap(fault.Invalid, err, "the password cannot be read from stdin: %s", reasonOf(err))
	}
	if line = strings.TrimRight(line, "\r\n"); line == "" {
		return "", fault.New(fault.Usage, "there is no password: stdin is empty and no terminal").
			WithHint("give --password-file FILE, or write the password to stdin")
	}
	if len(line) > maxSecret {
		return "", fault.New(fault.Invalid, "the password on stdin is longer than %d bytes", maxSecret)
	}
	return config.Secret(line), nil
}

// readHidden reads a line from a terminal that does not show it.
func readHidden(in any) (string, error) {
	file, ok := in.(*os.File)
	if !ok {
		return "", fault.New(fault.Internal, "stdin is no terminal")
	}
	text, err := term.ReadPassword(int(file.Fd()))
	return string(text), err
}

// ofThisMachine tells whether an address is of this machine.
func ofThisMachine(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}

// absolute is a path that still leads there from another directory.
func absolute(path string) (string, error) {
	whole, err := filepath.Abs(path)
	if err != nil {
		return "", fault.Wrap(fault.Invalid, err, "%s cannot be found: %s", path, reasonOf(err))
	}
	return whole, nil
}
