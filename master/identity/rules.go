package identity

import (
	_ "embed"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"capricornus/common/fault"
	"capricornus/common/permit"
)

// Limits of passwords.
const (
	leastPassword = 12  // characters
	mostPassword  = 256 // bytes
)

//go:embed known.txt
var knownPasswords string

// CheckPassword refuses passwords that are soon guessed.
func CheckPassword(user, password string) error {
	switch {
	case len(password) > mostPassword:
		return fault.New(fault.Invalid, "the password has %d bytes, at most %d are taken", len(password), mostPassword)
	case !utf8.ValidString(password):
		return fault.New(fault.Invalid, "the password is not UTF-8 text")
	case utf8.RuneCountInString(password) < leastPassword:
		return fault.New(fault.Invalid, "the password has fewer than %d characters", leastPassword).WithHint("four words that do not belong together are a good one")
	}
	plain := letters(password)
	if name := letters(user); name != "" && strings.Contains(plain, name) && strings.Trim(strings.ReplaceAll(plain, name, ""), "0123456789") == "" {
		return fault.New(fault.Invalid, "the password is made of the user's name").WithHint("take something that nobody would guess")
	}
	if slices.Contains(strings.Fields(knownPasswords), plain) || uniform(password) {
		return fault.New(fault.Invalid, "the password is one of those that are tried first").WithHint("take something that nobody would guess")
	}
	return nil
}

// letters is what is compared: small letters and digits.
func letters(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r >= utf8.RuneSelf {
			return r
		}
		return -1
	}, strings.ToLower(text))
}

// uniform tells whether a password has hardly any different characters.
func uniform(password string) bool {
	seen := map[rune]bool{}
	for _, r := range password {
		seen[r] = true
	}
	return len(seen) < 4
}

var (
	userNames  = regexp.MustCompile(`^[a-z][a-z0-9._-]{0,99}$`)
	plainNames = regexp.MustCompile(`^[a-z][a-z0-9_]{0,99}$`)
	accounts   = regexp.MustCompile(`^[a-z_][a-z0-9_-]{0,31}$`)
)

// CheckUserName refuses what cannot be the name of a user.
func CheckUserName(name string) error {
	if !userNames.MatchString(name) {
		return fault.New(fault.Invalid, "%q is no name for a user", clip(name)).WithHint("small letters, digits, dots, dashes and underscores; a letter first; at most 100")
	}
	return nil
}

func checkDepartmentName(name string) error {
	if !plainNames.MatchString(name) {
		return fault.New(fault.Invalid, "%q is no name for a department", clip(name)).WithHint("small letters, digits and underscores; a letter first; at most 100")
	}
	return nil
}

// reservedAccounts are never run as, on no worker.
func reservedAccounts() []string { return []string{"root", "daemon", "nobody", "bin", "sys"} }

func checkAccountName(name string) error {
	if !accounts.MatchString(name) {
		return fault.New(fault.Invalid, "%q is no name for an execution account", clip(name)).WithHint("what useradd takes: small letters, digits, dashes and underscores; at most 32")
	}
	if slices.Contains(reservedAccounts(), name) {
		return fault.New(fault.Invalid, "nothing is run as %s", name).WithHint("make an account for the tasks on the workers")
	}
	return nil
}

// clip bounds what a sentence repeats of what was sent.
func clip(text string) string {
	if len(text) > 100 {
		return strings.ToValidUTF8(text[:100], "") + "..."
	}
	return text
}

// checkText bounds a text that is kept.
func checkText(what, text string, most int) error {
	if len(text) > most {
		return fault.New(fault.Invalid, "the %s has %d bytes, at most %d are kept", what, len(text), most)
	}
	if !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return fault.New(fault.Invalid, "the %s has characters that are not shown", what).WithHint("write plain text on one line")
	}
	return nil
}

// checkRole reads the role of a person.
func checkRole(name string) (permit.Role, error) {
	role := permit.ParseRole(name)
	if !slices.Contains(permit.Roles(), role) {
		return permit.Nobody, fault.New(fault.Invalid, "there is no role %q", clip(name)).WithHint("write viewer, developer, operator, admin or superadmin")
	}
	return role, nil
}
