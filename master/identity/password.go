package identity

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"golang.org/x/crypto/argon2"

	"capricornus/common/fault"
)

// Cost is what one hashing of a password takes.
type Cost struct {
	Memory uint32 // KiB
	Time   uint32
}

// The default cost: 19 MiB and two passes, what OWASP's cheat sheet asks for.
const (
	costMemory = 19 << 10
	costTime   = 2
	saltBytes  = 16
	keyBytes   = 32
	maxMemory  = 1 << 20 // KiB that a stored hash may ask for
	maxTime    = 64
)

// How many passwords are hashed at once, and how many calls may wait for that.
const (
	hashers  = 2
	waiting  = 32
	hashWait = 5 * time.Second
)

// hasher hashes passwords by argon2id, few at a time: each takes memory.
type hasher struct {
	cost  Cost
	slots chan struct{}
	queue chan struct{}
	dummy string // a hash that no password has, for users who have none
}

func newHasher(cost Cost) *hasher {
	if cost.Memory == 0 || cost.Time == 0 {
		cost = Cost{Memory: costMemory, Time: costTime}
	}
	h := &hasher{cost: cost, slots: make(chan struct{}, hashers), queue: make(chan struct{}, waiting)}
	h.dummy = phc(cost, make([]byte, saltBytes), make([]byte, keyBytes))
	return h
}

// hash makes the stored form of a password.
func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltBytes)
	_, _ = rand.Read(salt) // never fails
	var key []byte
	err := h.turn(ctx, func() { key = derive(password, salt, h.cost) })
	return phc(h.cost, salt, key), err
}

// check tells whether a password is the stored one, and whether the stored form
// is not as this program makes it by now. Users without a password cost as much
// time as those with one.
func (h *hasher) check(ctx context.Context, stored, password string) (right, old bool, err error) {
	cost, salt, want, ok := parsePHC(stored)
	if !ok {
		cost, salt, want, _ = parsePHC(h.dummy)
	}
	var key []byte
	if err := h.turn(ctx, func() { key = derive(password, salt, cost) }); err != nil {
		return false, false, err
	}
	return subtle.ConstantTimeCompare(key, want) == 1 && ok, cost != h.cost, nil
}

// turn does something costly when its turn has come.
func (h *hasher) turn(ctx context.Context, do func()) error {
	busy := fault.New(fault.TooMany, "too many people log in at this moment").WithHint("try again in a few seconds")
	select {
	case h.queue <- struct{}{}:
		defer func() { <-h.queue }()
	default:
		return busy
	}
	patience := time.NewTimer(hashWait)
	defer patience.Stop()
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
	case <-patience.C:
		return busy
	case <-ctx.Done():
		return ctx.Err()
	}
	do()
	return nil
}

func derive(password string, salt []byte, cost Cost) []byte {
	return argon2.IDKey([]byte(password), salt, cost.Time, cost.Memory, 1, keyBytes)
}

// phc writes a hash as the password hashing competition has it.
func phc(cost Cost, salt, key []byte) string {
	text := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=1$%s$%s", argon2.Version, cost.Memory, cost.Time, text.EncodeToString(salt), text.EncodeToString(key))
}

// parsePHC reads what phc wrote; nothing else is taken.
func parsePHC(stored string) (cost Cost, salt, key []byte, ok bool) {
	parts := strings.Split(stored, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return Cost{}, nil, nil, false
	}
	n, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=1", &cost.Memory, &cost.Time)
	if err != nil || n != 2 || cost.Memory == 0 || cost.Memory > maxMemory || cost.Time == 0 || cost.Time > maxTime {
		return Cost{}, nil, nil, false
	}
	salt, errSalt := base64.RawStdEncoding.DecodeString(parts[4])
	key, errKey := base64.RawStdEncoding.DecodeString(parts[5])
	ok = errSalt == nil && errKey == nil && len(salt) == saltBytes && len(key) == keyBytes
	return cost, salt, key, ok
}
