package notice

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"capricornus/common/fault"
	"capricornus/common/store"
	"capricornus/common/wire"
	"capricornus/master/notice/rule"
)

// Explain says who would be told of an alert now, on which channel and by which
// rule, and who would be and cannot be. whole shows numbers and addresses as
// they are.
func (r *Reader) Explain(ctx context.Context, ask wire.ExplainAlertRequest, whole bool) (wire.AlertExplanation, error) {
	level, err := levelOf(ask)
	if err != nil {
		return wire.AlertExplanation{}, err
	}
	if ask.Lang != "" && ask.Lang != "en" && ask.Lang != "zh" {
		return wire.AlertExplanation{}, fault.New(fault.Invalid, "there is no language %q here", ask.Lang).WithHint("write en or zh")
	}
	var audience *Audience
	var id int64
	err = r.DB.View(ctx, func(t *store.ViewTx) error {
		var ids []int64
		if ask.Task != "" {
			heads, err := t.HeadsByName(ctx, []string{ask.Task})
			if err != nil {
				return err
			}
			if len(heads) == 0 {
				return fault.Wrap(fault.NotFound, store.ErrNotFound, "there is no task %q", ask.Task).WithHint("capri task list shows those there are")
			}
			id, ids = heads[0].ID, []int64{heads[0].ID}
		}
		audience, err = r.Audience(ctx, t, ids)
		return err
	})
	if err != nil {
		return wire.AlertExplanation{}, err
	}
	return audience.explain(ask, level, id, whole), nil
}

func (a *Audience) explain(ask wire.ExplainAlertRequest, level string, id int64, whole bool) wire.AlertExplanation {
	q := a.Question(ask.Kind, level, id)
	out := wire.AlertExplanation{
		Task: ask.Task, Kind: ask.Kind, Level: level, ByTask: q.Task != nil,
		Day:      fmt.Sprintf("%04d-%02d-%02d", a.Day/10_000, a.Day/100%100, a.Day%100),
		Platform: wire.AlertDuty{Department: a.Platform, Primary: q.Platform.Primary, Secondary: q.Platform.Secondary},
		Told:     []wire.AlertTold{}, Untold: []wire.AlertUntold{},
	}
	if q.Task != nil {
		out.Owner, out.Priority = q.Task.Owner, q.Task.Priority
		out.Duty = &wire.AlertDuty{Department: q.Task.Department, Primary: q.Department.Primary, Secondary: q.Department.Secondary}
	}
	told, untold := rule.Decide(q)
	for _, t := range told {
		address := t.Address
		if !whole {
			address = Masked(address, t.Channel)
		}
		out.Told = append(out.Told, wire.AlertTold{
			Channel: string(t.Channel), User: t.Person.Name, Title: t.Person.Title, Department: t.Person.Department, Address: address,
			Rule: string(t.Rule), Because: t.Rule.In(ask.Lang),
		})
	}
	for _, u := range untold {
		who := u.Who
		if u.Why == rule.NotANumber && !whole && strings.ContainsAny(who, "0123456789") {
			who = Masked(who, u.Channel) // a number that is written wrongly, perhaps
		}
		out.Untold = append(out.Untold, wire.AlertUntold{
			Channel: string(u.Channel), User: who, Rule: string(u.Rule), Because: u.Rule.In(ask.Lang), Reason: string(u.Why), Why: u.Why.In(ask.Lang),
		})
	}
	return out
}

// shownDigits is what is left of a number that is masked.
const shownDigits = 3

// Masked is an address as those see it who do not operate the platform: the
// last three digits of a number, the first letter and the host of a mail
// address.
func Masked(address string, c rule.Channel) string {
	if c == rule.Mail {
		name, host, found := strings.Cut(address, "@")
		first, _ := utf8.DecodeRuneInString(name)
		if !found || name == "" {
			return "…"
		}
		return string(first) + "…@" + host
	}
	all := []rune(address)
	if len(all) <= shownDigits {
		return strings.Repeat("*", len(all))
	}
	hidden := len(all) - shownDigits
	return strings.Repeat("*", hidden) + string(all[hidden:])
}
