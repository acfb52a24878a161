package api

import (
	"errors"
	"io"
	"net/http"

	"capricornus/common/fault"
	"capricornus/common/wire"
)

// Limits of news from other masters.
const (
	newsLimit = 4 << 20
	maxNews   = 10_000 // of each kind
)

// takesNews tells whether a call is one that other masters make: they prove
// themselves by a signature, and no token lets anybody in.
func takesNews(r *http.Request) bool {
	return r.Method == http.MethodPost && r.URL.Path == wire.PathNews
}

// takeNews answers another master that has news for the leader (exactly.md 27).
func (a *api) takeNews(w http.ResponseWriter, r *http.Request) {
	body, err := wire.VerifyBody(r, a.CallKey, a.DB.Now(), func() ([]byte, error) {
		return readAll(w, r, newsLimit)
	})
	if err == nil {
		err = a.heed(body)
	}
	if err != nil {
		a.refuse(w, r, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (a *api) heed(body []byte) error {
	n, err := decode[wire.News](body, true)
	if err != nil {
		return err
	}
	if max(len(n.Duties), len(n.Hosts), len(n.Returned), len(n.Made), len(n.Finished), len(n.Parents), len(n.Doubted), len(n.Met)) > maxNews {
		return fault.New(fault.TooLarge, "more than %d of one kind in one call", maxNews)
	}
	for _, hosts := range [][]string{n.Hosts, n.Returned} {
		for _, host := range hosts {
			if err := checkHost(host); err != nil {
				return err
			}
		}
	}
	if !a.IsLeader() {
		return a.notLeader()
	}
	a.Hear(*n)
	return nil
}

// readAll reads a body of bounded size.
func readAll(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return nil, fault.New(fault.TooLarge, "the body is larger than %d bytes", tooLarge.Limit)
	}
	if err != nil {
		return nil, fault.Wrap(fault.Usage, err, "the body cannot be read: it ends too early or takes too long")
	}
	return body, nil
}
