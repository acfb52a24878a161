package config

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"strings"

	"capricornus/common/fault"
)

const redacted = "[redacted]"

// Secret is text that must not be shown. Only Reveal gives it away.
type Secret string

// Reveal returns the text itself, for the one call that needs it.
func (s Secret) Reveal() string { return string(s) }

// String hides the text; an empty secret prints as nothing.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return redacted
}

// Format hides the text from every verb of fmt, %d and %x included.
func (s Secret) Format(f fmt.State, _ rune) { fmt.Fprint(f, s.String()) }

// MarshalText hides the text from JSON, YAML and XML.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// LogValue hides the text from logs.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// ReadSecret reads a secret from a file that only its owner and group can
// read, without the white space around it.
func ReadSecret(path string) (Secret, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", fault.Wrap(fault.NotFound, err, "secret file %s does not exist", path)
	}
	if err != nil {
		return "", fault.Wrap(fault.Invalid, err, "secret file %s cannot be read", path)
	}
	if info.Mode().Perm()&0o007 != 0 {
		return "", fault.New(fault.Invalid, "secret file %s can be read by everybody on this machine", path).
			WithHint("chmod 600 %s", path)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return "", fault.Wrap(fault.Invalid, err, "secret file %s cannot be read", path)
	}
	text := strings.TrimSpace(string(data))
	if text == "" {
		return "", fault.New(fault.Invalid, "secret file %s is empty", path)
	}
	return Secret(text), nil
}
