package httpcall

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"capricornus/common/wire"
)

const (
	keptBody    = 32 << 10 // of an answer, in its file
	keptHeaders = 8 << 10
)

// unkept are headers whose values are secrets of the server and its client.
func unkept() []string {
	return []string{"set-cookie", "set-cookie2", "authorization", "proxy-authorization", "authentication-info"}
}

// writeHead writes the status line and the headers as text.
func writeHead(log io.Writer, response *http.Response) {
	fmt.Fprintf(log, "%s %s\n", response.Proto, printable(response.Status))
	headers := flat(response.Header)
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		fmt.Fprintf(log, "%s: %s\n", name, headers[name])
	}
	fmt.Fprintln(log)
}

// flat are headers with their names in lower case and several values in one,
// without secrets.
func flat(header http.Header) map[string]string {
	out := make(map[string]string, len(header))
	for name, values := range header {
		name = strings.ToLower(name)
		if !slices.Contains(unkept(), name) {
			out[name] = printable(strings.Join(values, ", "))
		}
	}
	return out
}

func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
}

// keep makes of an answer what an attempt keeps.
func keep(response *http.Response, body []byte, more bool) *wire.HTTPAnswer {
	a := &wire.HTTPAnswer{Status: response.StatusCode, Headers: map[string]string{}, Bytes: int64(len(body)), Truncated: more}
	headers, room := flat(response.Header), keptHeaders
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		if room -= len(name) + len(headers[name]); room < 0 {
			a.Truncated = true
			break
		}
		a.Headers[name] = headers[name]
	}
	a.Base64 = !utf8.Valid(body)
	return a
}

// encode writes an answer with as much of the body as its file has room for.
func encode(a *wire.HTTPAnswer, body []byte) ([]byte, error) {
	for size := min(len(body), keptBody); ; size /= 2 {
		a.Truncated = a.Truncated || size < len(body)
		a.Body = beginning(body, size, a.Base64)
		text, err := json.Marshal(a)
		if err != nil || len(text) <= AnswerLimit {
			return text, err
		}
	}
}

// beginning is the first bytes of a body, as text without half a character.
func beginning(body []byte, size int, binary bool) string {
	if binary {
		return base64.StdEncoding.EncodeToString(body[:size])
	}
	for size > 0 && size < len(body) && !utf8.RuneStart(body[size]) {
		size--
	}
	return string(body[:size])
}
