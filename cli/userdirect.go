package cli

import (
	"context"
	"os/user"

	"capricornus/common/fault"
	"capricornus/common/store"
	"capricornus/common/wire"
	"capricornus/master/identity"
)

// direct sets a user's password in the database itself: for when nobody is left
// who could log in and set it.
func (p *passwd) direct(ctx context.Context, name string) error {
	where, err := p.door.where()
	if err != nil {
		return err
	}
	db, err := openExisting(ctx, where)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	password, err := p.app.newPassword(p.file, name)
	if err != nil {
		return err
	}
	who, err := user.Current()
	if err != nil {
		return fault.Wrap(fault.Internal, err, "the system does not say who you are: %v", err)
	}
	by := identity.By{Actor: store.Actor{Kind: "person", ID: who.Username}, Source: "database"}
	request := wire.PasswordSetRequest{Password: password.Reveal(), KeepIt: p.keep, Reason: p.reason}
	if err := identity.New(db, identity.Config{}).SetPassword(ctx, by, name, request); err != nil {
		return err
	}
	p.app.say("%s has another password; sessions there were end within seconds", name)
	return nil
}
