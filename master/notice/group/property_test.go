package group_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"capricornus/common/store"
	"capricornus/master/notice/group"
	"capricornus/master/notice/rule"
)

// TestNothingIsDroppedAndNobodyFlooded draws hours of alerts. Every alert that is
// not silenced has one message at every place; it leaves within two minutes, or
// is a digest by SMS of what the same person has by mail; nobody gets more than
// the limits but for what is critical; what is critical is in no digest.
func TestNothingIsDroppedAndNobodyFlooded(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(p *rapid.T) {
		d := newDesk()
		d.limits = group.Limits{rule.SMS: 3, rule.Phone: 1, rule.Mail: 5}
		now, id, own := start, int64(0), map[group.Place]int{}
		var all []group.Alert
		for range rapid.IntRange(1, 12).Draw(p, "pages") {
			now += rapid.Int64Range(1000, 120_000).Draw(p, "pause")
			d.look(now)
			d.known.Muted = rapid.IntRange(0, 5).Draw(p, "muted") == 0
			var page []group.Alert
			for range rapid.IntRange(1, 12).Draw(p, "alerts") {
				id++
				a := drawn(p, id, now)
				page = append(page, a)
			}
			all = append(all, page...)
			before := now
			plan := d.deal(now, page...)
			for _, m := range plan.Messages {
				if m.Purpose != "digest" && m.Level != store.LevelCritical {
					own[group.Place{Recipient: m.Recipient, Channel: rule.Channel(m.Channel)}]++
				}
				if m.DueAt < before {
					p.Fatalf("got %+v, due before it was put", m)
				}
			}
		}
		d.judge(p, all)
		for place, n := range own {
			if n > d.limits[place.Channel] {
				p.Fatalf("got %d messages for %v, want %d at most", n, place, d.limits[place.Channel])
			}
		}
	})
}

func drawn(p *rapid.T, id, now int64) group.Alert {
	var targets [][]group.Target
	for _, name := range []string{"ann", "bob"} {
		var channels []rule.Channel
		for _, c := range []rule.Channel{rule.Phone, rule.SMS, rule.Mail} {
			if rapid.Bool().Draw(p, "channel") {
				channels = append(channels, c)
			}
		}
		targets = append(targets, person(name, channels...))
	}
	level := rapid.SampledFrom([]string{store.LevelTask, store.LevelTask, store.LevelNotice, store.LevelImportant, store.LevelCritical}).Draw(p, "level")
	a := alert(id, level, rapid.SampledFrom([]string{"/a", "/b", "/c", "/d", "/e", "/f"}).Draw(p, "root"), targets...)
	a.CreatedAt = now - rapid.Int64Range(0, 3000).Draw(p, "age")
	if rapid.IntRange(0, 9).Draw(p, "silence") == 0 {
		a.Silence = 1
	}
	return a
}

func (d *desk) judge(p *rapid.T, all []group.Alert) {
	counted := map[int64]map[int64]bool{}
	for i := range all {
		a := &all[i]
		mailed := map[string]bool{}
		for _, t := range a.Targets {
			mailed[t.Recipient] = mailed[t.Recipient] || t.Channel == rule.Mail
		}
		for _, t := range a.Targets {
			message, told := d.told[fmt.Sprint(a.ID, t.Recipient, t.Channel)]
			m := d.messages[message]
			switch {
			case told == (a.Silence != 0):
				p.Fatalf("alert %d, silence %d: told %v at %v", a.ID, a.Silence, told, t.Place)
			case !told:
				continue
			case m.Recipient != t.Recipient:
				p.Fatalf("got %+v for %v, want the recipient's own", m, t.Place)
			case m.DueAt > a.CreatedAt+110_000 && (m.Channel != "sms" || !mailed[t.Recipient]):
				p.Fatalf("got %+v for an alert of %d, want it to leave within two minutes", m, a.CreatedAt)
			case m.Purpose == "digest" && a.Level == store.LevelCritical && t.Channel != rule.Phone:
				p.Fatalf("got %+v for what is critical", m)
			case m.Purpose != "digest" && m.Channel != string(t.Channel) && (m.Channel != "mail" || !mailed[t.Recipient]):
				p.Fatalf("got %+v at %v", m, t.Place)
			}
			if counted[message] == nil {
				counted[message] = map[int64]bool{}
			}
			counted[message][a.ID] = true
		}
	}
	for id, m := range d.messages {
		if len(counted[id]) != m.Alerts {
			p.Fatalf("got %+v, want it to count %d alerts", m, len(counted[id]))
		}
	}
}
