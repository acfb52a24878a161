package cli

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
)

// newToken makes a secret of 32 random bytes.
func newToken() string {
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // never fails: the program ends when there is no randomness
	return "capri_" + hex.EncodeToString(secret)
}

// hashToken is what the database keeps of a token.
func hashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}
