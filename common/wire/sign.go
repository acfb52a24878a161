package wire

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"

	"capricornus/common/fault"
)

// signatureWindow is how far the clocks of master and worker may be apart, and
// how long a signed call may be repeated.
const signatureWindow = 60 * time.Second

const signatureScheme = "Capri "

// TokenHash is what the masters keep of a worker's token: the hex SHA-256. It
// is the key of signed calls, so that a master need not know the token.
func TokenHash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// headerDigest carries the digest of a signed call's body (RFC 9530).
const headerDigest = "Content-Digest"

// SignBody signs a call with a body from a master to another one. The digest of
// the body is in a header of its own, which the signature covers: so the caller
// is known before a byte of the body is read.
func SignBody(r *http.Request, key string, body []byte, now time.Time) {
	digest := digestOf(body)
	r.Header.Set(headerDigest, digest)
	r.Header.Set("Authorization", SignCall(key, r.Method, r.URL.RequestURI()+" "+digest, now))
}

// VerifyBody checks a call made by SignBody and returns its body, which read is
// asked for once the caller is known. Without a key nobody is.
func VerifyBody(r *http.Request, key string, now time.Time, read func() ([]byte, error)) ([]byte, error) {
	if key == "" {
		return nil, fault.New(fault.Unauthed, "no call can be signed for this one")
	}
	digest := r.Header.Get(headerDigest)
	if err := VerifyCall(r.Header.Get("Authorization"), key, r.Method, r.URL.RequestURI()+" "+digest, now); err != nil {
		return nil, err
	}
	body, err := read()
	if err != nil {
		return nil, err
	}
	if digestOf(body) != digest {
		return nil, fault.New(fault.Unauthed, "the body of the call is not the one that was signed")
	}
	return body, nil
}

func digestOf(body []byte) string {
	sum := sha256.Sum256(body)
	return "sha-256=:" + base64.StdEncoding.EncodeToString(sum[:]) + ":"
}

// SignCall returns the Authorization header of a call without a body, from a
// master to a worker. target is the path with its query, as sent.
func SignCall(tokenHash, method, target string, now time.Time) string {
	unix := strconv.FormatInt(now.Unix(), 10)
	return signatureScheme + unix + "." + signature(tokenHash, method, target, unix)
}

// VerifyCall checks an Authorization header made by SignCall.
func VerifyCall(header, tokenHash, method, target string, now time.Time) error {
	rest, found := strings.CutPrefix(header, signatureScheme)
	unix, sum, hasSum := strings.Cut(rest, ".")
	seconds, err := strconv.ParseInt(unix, 10, 64)
	if !found || !hasSum || err != nil {
		return fault.New(fault.Unauthed, "the call is not signed")
	}
	if !hmac.Equal([]byte(sum), []byte(signature(tokenHash, method, target, unix))) {
		return fault.New(fault.Unauthed, "the signature of the call is wrong")
	}
	if apart := now.Sub(time.Unix(seconds, 0)).Abs(); apart > signatureWindow {
		return fault.New(fault.Unauthed, "the call was signed %s away from this host's time", apart.Round(time.Second)).
			WithHint("compare the clocks of master and worker")
	}
	return nil
}

func signature(tokenHash, method, target, unix string) string {
	mac := hmac.New(sha256.New, []byte(tokenHash))
	mac.Write([]byte(method + " " + target + " " + unix))
	return hex.EncodeToString(mac.Sum(nil))
}
