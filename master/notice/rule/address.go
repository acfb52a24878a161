package rule

import "strings"

// separators are what people write into numbers to read them more easily.
const separators = "-. ()"

// plain is an address in the one form in which addresses are compared.
func plain(address string, c Channel) string {
	if c == Mail {
		return strings.ToLower(address)
	}
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(separators, r) {
			return -1
		}
		return r
	}, address)
}

// Digits of a phone number, extensions of a house included.
const (
	fewestDigits = 3
	mostDigits   = 20
)

// IsAddress tells whether a text can be a number, or with Mail a mail address.
func IsAddress(text string, c Channel) bool { return isAddress(text, c) }

func isAddress(text string, c Channel) bool {
	if c == Mail {
		name, host, found := strings.Cut(text, "@")
		return found && name != "" && host != "" && !strings.Contains(host, "@")
	}
	digits := strings.TrimPrefix(plain(text, c), "+")
	return len(digits) >= fewestDigits && len(digits) <= mostDigits && !strings.ContainsFunc(digits, func(r rune) bool { return r < '0' || r > '9' })
}
