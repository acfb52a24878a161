package group_test

import (
	"testing"
	"time"

	"capricornus/common/store"
	"capricornus/master/notice/group"
)

func TestCodes(t *testing.T) {
	t.Parallel()
	for id, want := range map[int64]string{0: "0000", 1: "0001", 31: "000z", 32: "0010", 1 << 20: "10000", 1<<40 - 1: "zzzzzzzz"} {
		if got := group.Code(id); got != want {
			t.Errorf("code of %d: got %s, want %s", id, got, want)
		}
	}
}

func TestRecoveriesGoToWhoWasTold(t *testing.T) {
	t.Parallel()
	in := store.Incident{ID: 9, IncidentRoot: store.IncidentRoot{Kind: store.RootPath, Root: "/in"}, Affected: 4}
	lasts := []store.Message{
		{ID: 1, Purpose: "alert", Recipient: "ann", Channel: "mail", State: store.MessageSent, Tries: 1, DueAt: start, Alerts: 4},
		{ID: 2, Purpose: "update", Recipient: "ann", Channel: "sms", State: store.MessageWaits, DueAt: start + 30_000},
		{ID: 3, Purpose: "alert", Recipient: "ann", Channel: "phone", State: store.MessageSent},
		{ID: 4, Purpose: "alert", Recipient: "bob", Channel: "mail", State: store.MessageFailed},
		{ID: 5, Purpose: "digest", Recipient: "eve", Channel: "mail", State: store.MessageSent},
	}
	p := group.Recoveries(start, &in, lasts, 77)
	p.Number([]int64{101, 102})
	if len(p.Messages) != 2 || len(p.Deliveries) != 2 {
		t.Fatalf("got %+v, want the mail and the short message to ann", p)
	}
	mail, sms := p.Messages[0], p.Messages[1]
	if mail.ID != 101 || mail.Purpose != "recovered" || mail.IncidentID != 9 || mail.State+mail.Tries != 0 || mail.Affected != 4 || mail.DueAt != start+2000 {
		t.Errorf("got %+v, want a fresh message", mail)
	}
	if sms.DueAt != start+35_000 {
		t.Errorf("got %+v, want it to leave after what it takes back", sms)
	}
	if d := p.Deliveries[1]; d.AlertID != 77 || d.MessageID != 102 || d.Channel != "sms" {
		t.Errorf("got %+v, want the alert of the end told by it", d)
	}
	in.IncidentRoot.Kind = store.RootEvent
	if p := group.Recoveries(start, &in, lasts, 0); len(p.Messages) != 0 {
		t.Errorf("got %+v for an event, want nothing", p)
	}
}

func TestRepeats(t *testing.T) {
	t.Parallel()
	minute := time.Minute.Milliseconds()
	open := store.Incident{ID: 9, IncidentRoot: store.IncidentRoot{Kind: store.RootWatch, Root: "masters-low:"}, Level: store.LevelCritical, ToldAt: start}
	for name, c := range map[string]struct {
		change func(*store.Incident)
		after  int64
		want   bool
	}{
		"CriticalHalfAnHour": {after: 30, want: true},
		"NotBefore":          {after: 29},
		"ImportantFourHours": {change: func(in *store.Incident) { in.Level = store.LevelImportant }, after: 240, want: true},
		"ImportantNotBefore": {change: func(in *store.Incident) { in.Level = store.LevelImportant }, after: 239},
		"NoticesNever":       {change: func(in *store.Incident) { in.Level = store.LevelNotice }, after: 9999},
		"TasksNever":         {change: func(in *store.Incident) { in.Level = store.LevelTask }, after: 9999},
		"EventsNever":        {change: func(in *store.Incident) { in.IncidentRoot.Kind = store.RootEvent }, after: 9999},
		"NobodyWasTold":      {change: func(in *store.Incident) { in.ToldAt = 0 }, after: 9999},
		"Acknowledged":       {change: func(in *store.Incident) { in.AckAt = start + 25*minute }, after: 84},
		"NotForEver":         {change: func(in *store.Incident) { in.AckAt = start + 25*minute }, after: 85, want: true},
		"Over":               {change: func(in *store.Incident) { in.ResolvedAt = start }, after: 9999},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := open
			if c.change != nil {
				c.change(&in)
			}
			if got := group.RepeatDue(start+c.after*minute, &in); got != c.want {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
	lasts := []store.Message{
		{ID: 1, Purpose: "alert", Recipient: "ann", Channel: "phone", Level: store.LevelCritical, State: store.MessageSent, Tries: 1},
		{ID: 2, Purpose: "alert", Recipient: "bob", Channel: "mail", Level: store.LevelImportant, State: store.MessageSent},
		{ID: 3, Purpose: "update", Recipient: "eve", Channel: "mail", Level: store.LevelCritical, State: store.MessageWaits},
	}
	got := group.Repeats(start, &open, lasts)
	if len(got) != 1 || got[0].Recipient != "ann" || got[0].Purpose != "update" || got[0].Tries != 0 || got[0].ID != -1 {
		t.Errorf("got %+v, want ann called again", got)
	}
}
