package channel

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"capricornus/common/config"
)

const (
	shortestSecret = 4 // a shorter one would blacken ordinary words
	longestAnswer  = 200
)

// hider takes secrets out of what others say.
type hider struct{ replace *strings.Replacer }

// newHider hides secrets as they are and as URLs, forms, JSON and logins write them.
func newHider(secrets ...config.Secret) hider {
	unescaped := strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&") // as other programs write them
	var words []string
	for _, secret := range secrets {
		plain := secret.Reveal()
		if len(plain) < shortestSecret {
			continue
		}
		quoted, _ := json.Marshal(plain)
		inJSON := string(quoted[1 : len(quoted)-1])
		words = append(words, plain, url.QueryEscape(plain), url.PathEscape(plain), inJSON, unescaped.Replace(inJSON),
			base64.StdEncoding.EncodeToString([]byte(plain)))
	}
	// The longest first: a word may be part of another.
	slices.SortFunc(words, func(a, b string) int { return len(b) - len(a) })
	pairs := make([]string, 0, 2*len(words))
	for _, word := range words {
		pairs = append(pairs, word, "[redacted]")
	}
	return hider{replace: strings.NewReplacer(pairs...)}
}

// line is what the other side said, on one line, without secrets, and short.
func (h hider) line(text string) string {
	text = h.replace.Replace(strings.ToValidUTF8(text, "�"))
	clean := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return ' '
		}
		return r
	}, text)
	return cut(strings.Join(strings.Fields(clean), " "), longestAnswer)
}

// cut shortens a text to so many runes.
func cut(text string, runes int) string {
	all := []rune(text)
	if len(all) <= runes {
		return text
	}
	return string(all[:runes-1]) + "…"
}

// cutBytes shortens a text to so many bytes of UTF-8.
func cutBytes(text string, bytes int) string {
	if len(text) <= bytes {
		return text
	}
	end := bytes - len("…")
	for end > 0 && text[end]&0xC0 == 0x80 {
		end--
	}
	return text[:end] + "…"
}
