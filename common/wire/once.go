package wire

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"strconv"
	"syscall"
	"time"
)

// Patience with a call that could not be answered at once.
const (
	oncePatience = 30 * time.Second // for a call that another master may have begun before it died
	ratePatience = 4                // how often a call is said again that was one too many
	longestWait  = 5 * time.Second  // between two
)

// freshKey makes an idempotency key.
func freshKey() string {
	var key [16]byte
	_, _ = rand.Read(key[:]) // never fails
	return hex.EncodeToString(key[:])
}

// onceFor is the key of a call that changes something and may be said to
// another master, which would not know that it has been done. Where there is
// one master there is nobody to ask again.
func (c *Client) onceFor(method string) string {
	if method != http.MethodPost || len(c.Others) == 0 {
		return ""
	}
	return freshKey()
}

// brokenOff says that a connection broke in the middle of a call: whether it
// was done is not known.
func brokenOff(err error) bool {
	return err != nil && (errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE))
}

// persistence is what a call may still be said again for.
type persistence struct {
	once  string // its idempotency key; empty: none
	until time.Time
	rate  int
}

func newPersistence(once string) *persistence {
	return &persistence{once: once, until: time.Now().Add(oncePatience), rate: ratePatience}
}

// again waits as long as an answer asks for and tells whether the call is to be
// said again: it was one too many and nothing was done, or a call with its key
// is under way, begun by a master that has died since.
func (p *persistence) again(ctx context.Context, response *http.Response) bool {
	seconds, err := strconv.Atoi(response.Header.Get("Retry-After"))
	wait := time.Duration(seconds) * time.Second
	if err != nil || seconds < 0 || wait > longestWait {
		return false
	}
	switch response.StatusCode {
	case http.StatusTooManyRequests:
		p.rate--
		if p.rate < 0 {
			return false
		}
	case http.StatusConflict:
		if p.once == "" || time.Now().Add(wait).After(p.until) {
			return false
		}
	default:
		return false
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
