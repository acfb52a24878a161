package identity

import (
	"context"
	"encoding/json"
	"fmt"

	"capricornus/common/fault"
	"capricornus/common/store"
)

const maxReason = 400

// noted is what an audit row tells: never a secret or a hash.
type noted struct {
	Before any    `json:"before,omitempty"`
	After  any    `json:"after,omitempty"`
	Reason string `json:"reason,omitempty"`
}

// act is a change: what is done to what, and how many fresh ids that takes.
type act struct {
	action, object string
	ids            int
}

// change does something in one transaction with its one audit row. do gets the
// fresh ids, and says what is to be noted.
func (s *Service) change(ctx context.Context, by By, what act, do func(t *store.OperateTx, ids []int64) (noted, error)) error {
	fresh, err := s.db.IDs(ctx, what.ids+1)
	if err != nil {
		return err
	}
	return s.db.Operate(ctx, by.Actor, func(t *store.OperateTx) error {
		n, err := do(t, fresh[1:])
		if err != nil {
			return err
		}
		return n.write(ctx, t, store.Audit{ID: fresh[0], Action: what.action, Object: what.object, Source: by.Source})
	})
}

func (n noted) write(ctx context.Context, t *store.OperateTx, a store.Audit) error {
	if err := checkText("reason", n.Reason, maxReason); err != nil {
		return err
	}
	text, err := json.Marshal(n)
	if err != nil {
		return fmt.Errorf("encode what is noted: %w", err)
	}
	a.Detail = string(text)
	return t.Audit(ctx, a)
}

// missing says that something named does not exist.
func missing(what, name string) error {
	return fault.New(fault.NotFound, "there is no %s %q", what, clip(name)).WithHint("capri %s list shows those there are", what)
}

// notedPerson is what the audit tells of a user.
type notedPerson struct {
	Title      string `json:"title,omitempty"`
	Department string `json:"department,omitempty"`
	Role       string `json:"role"`
	Phone      string `json:"phone,omitempty"`
	Mail       string `json:"mail,omitempty"`
	Lang       string `json:"lang,omitempty"`
	Enabled    bool   `json:"enabled"`
	Password   string `json:"password,omitempty"` // none | set | to be changed
	Subject    string `json:"subject,omitempty"`
}

func tellPerson(p store.Person) notedPerson {
	n := notedPerson{Title: p.Title, Department: p.Department, Role: p.Role, Phone: p.Phone, Mail: p.Mail, Lang: p.Lang, Enabled: p.IsEnabled, Subject: p.Subject}
	switch {
	case p.PasswordHash == "":
		n.Password = "none"
	case p.MustChange:
		n.Password = "to be changed"
	default:
		n.Password = "set"
	}
	return n
}
