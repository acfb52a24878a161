package define

import (
	"context"
	"errors"
	"fmt"

	"capricornus/common/fault"
	"capricornus/common/store"
	"capricornus/common/wire"
	"capricornus/master/plan"
)

// AlertRight is what somebody wants a user to have of the alerts of a task.
type AlertRight struct {
	Task, User string
	SMS, Mail  bool // neither: the rights are taken
	Reason     string
}

// heard is what an audit row says of a user's alert rights.
type heard struct {
	SMS  bool `json:"sms"`
	Mail bool `json:"mail"`
}

// SetAlertRight gives a user rights of a task's alerts instead of those the user
// had, or takes them. Whoever may edit the task may; what is so already stays.
func (c *Catalog) SetAlertRight(ctx context.Context, by plan.Caller, o AlertRight) (wire.CommandReply, error) {
	if len(o.Reason) > maxReason {
		return wire.CommandReply{}, checkReason("", o.Reason)
	}
	audit, err := c.db.ID(ctx)
	if err != nil {
		return wire.CommandReply{}, err
	}
	action := "task.alert-right-set"
	if o.taken() {
		action = "task.alert-right-remove"
	}
	var reply wire.CommandReply
	err = c.db.Operate(ctx, by.Actor, func(t *store.OperateTx) error {
		row, err := lockTask(ctx, t, by, o.Task)
		if err != nil {
			return err
		}
		p, err := t.PersonByName(ctx, o.User)
		if errors.Is(err, store.ErrNotFound) {
			return fault.Wrap(fault.NotFound, err, "there is no user %q", o.User).WithHint("capri user list shows those there are")
		}
		if err != nil {
			return err
		}
		before, err := o.write(ctx, t, row.ID, p.ID)
		if err != nil {
			return err
		}
		reply = o.reply(&row, &p, before)
		text, err := audited{Reason: o.Reason, Before: before, After: heard{o.SMS, o.Mail}}.text()
		if err != nil {
			return err
		}
		return t.Audit(ctx, store.Audit{ID: audit, Action: action, Object: "task " + o.Task + " " + o.User, Source: by.Source, Detail: text})
	})
	return reply, err
}

func (o AlertRight) taken() bool { return !o.SMS && !o.Mail }

func (o AlertRight) write(ctx context.Context, t *store.OperateTx, task, user int64) (heard, error) {
	if !o.taken() {
		before, err := t.PutAlertRight(ctx, store.AlertRight{TaskID: task, UserID: user, SMS: o.SMS, Mail: o.Mail})
		return heard{before.SMS, before.Mail}, err
	}
	before, err := t.DropAlertRight(ctx, task, user)
	if err == nil && !before.SMS && !before.Mail {
		return heard{}, fault.New(fault.NotFound, "%s has no alert right of task %s", o.User, o.Task).WithHint("capri task alert-right list %s shows who has", o.Task)
	}
	return heard{before.SMS, before.Mail}, err
}

// leastTexted is the last priority whose alerts are texted (domain.md §10).
const leastTexted = 4

// reply says what is so now, and where the right leads to nothing.
func (o AlertRight) reply(row *store.Task, p *store.Person, before heard) wire.CommandReply {
	out := wire.CommandReply{Object: o.Task + "/" + o.User, Changed: before != heard{o.SMS, o.Mail}, Code: "ALERT_RIGHT"}
	if o.taken() {
		out.Message = fmt.Sprintf("%s has no right of the alerts of %s any more", o.User, o.Task)
		return out
	}
	what := map[heard]string{{true, true}: "SMS and mail", {true, false}: "SMS", {false, true}: "mail"}[heard{o.SMS, o.Mail}]
	out.Message = fmt.Sprintf("%s has the right to alerts of %s by %s", o.User, o.Task, what)
	if !out.Changed {
		out.Code, out.Message = "SAME", out.Message+" already"
	}
	switch {
	case !p.IsEnabled:
		out.Next = o.User + " is disabled and is told nothing until enabled"
	case o.SMS && row.Priority > leastTexted:
		out.Next = fmt.Sprintf("%s has priority %d: only 0 to %d is texted", o.Task, row.Priority, leastTexted)
	case o.SMS && p.Phone == "":
		out.Next = o.User + " has no phone number"
	case o.Mail && p.Mail == "":
		out.Next = o.User + " has no mail address"
	default:
		out.Next = "who is told of what, and why: capri alert explain " + o.Task
	}
	return out
}
