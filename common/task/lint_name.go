package task

import (
	"maps"
	"slices"
	"strings"
	"unicode"
)

// IsName reports whether text is a name of a task, project or calendar:
// ^[a-z][a-z0-9_]{0,99}$ (quality.md §5).
func IsName(text string) bool {
	if text == "" || len(text) > maxNameBytes || !isSmall(rune(text[0])) {
		return false
	}
	return !strings.ContainsFunc(text, func(r rune) bool { return !isSmall(r) && !isDigit(r) && r != '_' })
}

func (c checker) name(at []any, what, text string) {
	if !IsName(text) {
		c.errorf(at, CodeBadName, "%s is %s; %s has small letters, digits and underscores, begins with a letter and has at most %d",
			keyOf(at), quoted(text), what, maxNameBytes)
	}
}

// person checks an owner; who exists is the server's business.
func (c checker) person(at []any, text string) {
	if text != "" && !isWord(text, maxNameBytes) {
		c.errorf(at, CodeBadName, "the owner %s must be a user's name, without blanks, at most %d", quoted(text), maxNameBytes)
	}
}

func (c checker) short(at []any, what, text string) {
	if len(text) > maxTitleBytes || strings.Contains(text, "\n") {
		c.errorf(at, CodeBadValue, "%s must be one line of at most %d bytes", what, maxTitleBytes)
	}
}

func (c checker) labels(at []any, labels map[string]string) {
	for _, k := range slices.Sorted(maps.Keys(labels)) {
		if !isCode(strings.ReplaceAll(k, "/", "_")) || !isLabelValue(labels[k]) {
			c.errorf(append(slices.Clone(at), k), CodeBadName,
				"the label %s: %s must have letters, digits, dots, dashes, slashes and underscores only", quoted(k), quoted(labels[k]))
		}
	}
}

// IsLabel tells whether a text can be the name of a label.
func IsLabel(text string) bool { return isCode(strings.ReplaceAll(text, "/", "_")) }

func isLabelValue(text string) bool {
	return text == "" || isCode(strings.ReplaceAll(text, "/", "_"))
}

// isCode is a short word of other systems: letters, digits, dot, dash, underscore.
func isCode(text string) bool {
	if text == "" || len(text) > maxNameBytes {
		return false
	}
	return !strings.ContainsFunc(text, func(r rune) bool {
		return !isSmall(r) && !isSmall(r|0x20) && !isDigit(r) && !strings.ContainsRune("._-", r)
	})
}

// isAccount is a user name as useradd allows it.
func isAccount(text string) bool {
	if len(text) > 32 || (!isSmall(rune(text[0])) && text[0] != '_') {
		return false
	}
	return !strings.ContainsFunc(text, func(r rune) bool { return !isSmall(r) && !isDigit(r) && r != '_' && r != '-' })
}

func isEnvName(text string) bool {
	if text == "" || isDigit(rune(text[0])) {
		return false
	}
	return !strings.ContainsFunc(text, func(r rune) bool {
		return !isSmall(r) && (r < 'A' || r > 'Z') && !isDigit(r) && r != '_'
	})
}

// isWord is any text without blanks.
func isWord(text string, most int) bool {
	return text != "" && len(text) <= most && !strings.ContainsFunc(text, unicode.IsSpace)
}

func isSmall(r rune) bool { return r >= 'a' && r <= 'z' }
func isDigit(r rune) bool { return r >= '0' && r <= '9' }
