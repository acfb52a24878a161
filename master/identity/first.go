package identity

import (
	"context"
	"crypto/rand"

	"capricornus/common/store"
)

// generatedLetters make passwords that are easily typed: none looks like another.
const generatedLetters = "abcdefghjkmnpqrstuvwxyz23456789"

// generated is a password of 24 letters in groups, with 118 bits in it.
func generated() string {
	const groups, size = 4, 6
	out := make([]byte, 0, groups*(size+1))
	raw := make([]byte, 1)
	for len(out) < groups*(size+1)-1 {
		if len(out)%(size+1) == size {
			out = append(out, '-')
			continue
		}
		_, _ = rand.Read(raw) // never fails
		if int(raw[0]) < 256/len(generatedLetters)*len(generatedLetters) {
			out = append(out, generatedLetters[int(raw[0])%len(generatedLetters)])
		}
	}
	return string(out)
}

// FirstPassword gives a user who has none a password that nobody knows yet, and
// returns it: it is shown once and kept nowhere. Who has one keeps it.
func (s *Service) FirstPassword(ctx context.Context, by By, name string) (string, error) {
	password := generated()
	hash, err := s.newHash(ctx, name, password)
	if err != nil {
		return "", err
	}
	made := ""
	err = s.change(ctx, by, act{"user.password", name, 0}, func(t *store.OperateTx, _ []int64) (noted, error) {
		before, err := t.LockPerson(ctx, name)
		if err != nil {
			return noted{}, err
		}
		after := before
		if made = ""; before.PasswordHash == "" {
			made = password
			after.PasswordHash, after.PasswordAt = hash, t.Now()
		}
		return noted{Before: tellPerson(before), After: tellPerson(after), Reason: "first start"}, t.SavePerson(ctx, after)
	})
	return made, err
}
