package identity

import (
	"context"
	"strconv"
	"time"

	"capricornus/common/fault"
	"capricornus/common/store"
	"capricornus/common/wire"
)

// ChangePassword changes one's own password. All other logins of the user end,
// and the session that the call is made in gets another secret.
func (s *Service) ChangePassword(ctx context.Context, by By, r wire.PasswordRequest, agent string) (Login, error) {
	now := s.db.Now()
	p, err := s.candidate(ctx, Attempt{LoginRequest: wire.LoginRequest{Name: by.ID}, Source: by.Source}, now)
	if err != nil {
		return Login{}, err
	}
	if p.PasswordHash == "" {
		return Login{}, fault.New(fault.Conflict, "%s has no password", by.ID).WithHint("an administrator can set one")
	}
	if len(r.Old) > mostPassword {
		return Login{}, fault.New(fault.Forbidden, "the old password is wrong")
	}
	right, _, err := s.hasher.check(ctx, p.PasswordHash, r.Old)
	if err != nil {
		return Login{}, err
	}
	if !right {
		return Login{}, s.wrongOld(ctx, by)
	}
	if r.Old == r.New {
		return Login{}, fault.New(fault.Invalid, "the new password is the old one")
	}
	hash, err := s.newHash(ctx, by.ID, r.New)
	if err != nil {
		return Login{}, err
	}
	var out Login
	err = s.change(ctx, by, act{"self.password", by.ID, 1}, func(t *store.OperateTx, ids []int64) (noted, error) {
		before, err := t.LockPerson(ctx, by.ID)
		if err != nil {
			return noted{}, err
		}
		if before.PasswordHash != p.PasswordHash {
			return noted{}, fault.New(fault.Conflict, "the password was changed by somebody else in this moment")
		}
		after := before
		after.PasswordHash, after.PasswordAt, after.MustChange, after.FailedLogins, after.LockedUntil = hash, t.Now(), false, 0, 0
		if err := t.SavePerson(ctx, after); err != nil {
			return noted{}, err
		}
		if err := endLogins(ctx, t, before.ID, by.Token); err != nil {
			return noted{}, err
		}
		n := noted{Before: tellPerson(before), After: tellPerson(after)}
		if by.Session == 0 {
			return n, nil
		}
		a := Attempt{LoginRequest: wire.LoginRequest{Session: true}, Source: by.Source, Agent: agent}
		out, err = s.open(ctx, t, a, opening{person: after, id: ids[0], lasts: s.max})
		return n, err
	})
	return out, err
}

// ChangeSelf changes what is given of how one is reached. Who one is and what
// one may do is changed by others.
func (s *Service) ChangeSelf(ctx context.Context, by By, c wire.MeChange) (store.Person, error) {
	var out store.Person
	err := s.change(ctx, by, act{"self.set", by.ID, 0}, func(t *store.OperateTx, _ []int64) (noted, error) {
		before, err := t.LockPerson(ctx, by.ID)
		if err != nil {
			return noted{}, err
		}
		after := changed(before, wire.UserChange{Phone: c.Phone, Mail: c.Mail, Lang: c.Lang})
		if err := checkPerson(after); err != nil {
			return noted{}, err
		}
		out = after
		return noted{Before: tellPerson(before), After: tellPerson(after), Reason: c.Reason}, t.SavePerson(ctx, after)
	})
	return out, err
}

// wrongOld counts a wrong old password as a login that has failed: a stolen
// session is no way to guess the password.
func (s *Service) wrongOld(ctx context.Context, by By) error {
	err := s.change(ctx, by, act{"self.password-refused", by.ID, 0}, func(t *store.OperateTx, _ []int64) (noted, error) {
		p, err := t.LockPerson(ctx, by.ID)
		if err != nil {
			return noted{}, err
		}
		p.FailedLogins++
		if pause := pauseAfter(p.FailedLogins, freeTries); pause > 0 {
			p.LockedUntil = t.Now() + pause.Milliseconds()
		}
		return noted{After: map[string]int{"failures": p.FailedLogins}}, t.SavePerson(ctx, p)
	})
	if err != nil {
		return err
	}
	return fault.New(fault.Forbidden, "the old password is wrong")
}

// Logout ends the session or the token that the call is made with.
func (s *Service) Logout(ctx context.Context, by By) error {
	object := "session " + strconv.FormatInt(by.Session, 10)
	if by.Session == 0 {
		object = "token " + strconv.FormatInt(by.Token, 10)
	}
	return s.change(ctx, by, act{"logout", object, 0}, func(t *store.OperateTx, _ []int64) (noted, error) {
		if by.Session != 0 {
			return noted{}, t.EndSession(ctx, by.Session)
		}
		return noted{}, t.RevokeToken(ctx, by.Token)
	})
}

// RevokeSession ends a session: one's own, or anybody's for who may.
func (s *Service) RevokeSession(ctx context.Context, by By, id int64, reason string) (store.Session, error) {
	var gone store.Session
	err := s.change(ctx, by, act{"session.revoke", "session " + strconv.FormatInt(id, 10), 0}, func(t *store.OperateTx, _ []int64) (noted, error) {
		var err error
		if gone, err = t.SessionByID(ctx, id); err != nil || gone.User != by.ID && !by.managesUsers() {
			return noted{}, orMissing(err, "session", id)
		}
		before := map[string]string{"user": gone.User, "source": gone.Source, "since": time.UnixMilli(gone.CreatedAt).UTC().Format(time.RFC3339)}
		return noted{Before: before, Reason: reason}, t.EndSession(ctx, id)
	})
	return gone, err
}
