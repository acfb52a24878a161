package group_test

import (
	"fmt"
	"strings"
	"testing"

	"capricornus/common/store"
	"capricornus/master/notice/group"
	"capricornus/master/notice/rule"
)

const start = int64(1_779_000_000_000)

// desk deals pages of alerts one after the other, as the masters do, and keeps
// what was told in between.
type desk struct {
	known    group.Known
	limits   group.Limits
	messages map[int64]store.Message
	told     map[string]int64 // alert, recipient and channel: message
	objects  map[store.IncidentRoot][]string
	ids      int64
}

func newDesk() *desk {
	return &desk{
		known: group.Known{
			Incidents: map[store.IncidentRoot]store.Incident{}, Objects: map[int64]map[string]bool{}, Last: map[group.At]group.Last{}, Digests: map[group.Place]store.Message{},
			Digested: map[group.Place]int64{}, Told: map[group.Place]int{}, SMS: true,
		},
		limits:   group.Limits{rule.SMS: 10, rule.Phone: 4, rule.Mail: 30},
		messages: map[int64]store.Message{}, told: map[string]int64{}, objects: map[store.IncidentRoot][]string{}, ids: 1000,
	}
}

// deal takes a page in and reads back what is there afterwards, with its ids.
func (d *desk) deal(now int64, alerts ...group.Alert) group.Plan {
	p := group.Deal(now, alerts, &d.known, d.limits)
	ids := make([]int64, p.New())
	for i := range ids {
		d.ids++
		ids[i] = d.ids
	}
	p.Number(ids)
	for _, in := range p.Opened {
		d.known.Incidents[in.IncidentRoot] = in
	}
	d.known.Objects = map[int64]map[string]bool{}
	for _, a := range alerts {
		d.objects[a.Root] = append(d.objects[a.Root], a.Object)
	}
	for root, in := range d.known.Incidents {
		d.known.Objects[in.ID] = map[string]bool{}
		for _, object := range d.objects[root] {
			d.known.Objects[in.ID][object] = true
		}
	}
	d.known.Last, d.known.Digests = map[group.At]group.Last{}, map[group.Place]store.Message{}
	for _, m := range p.Messages {
		d.messages[m.ID] = m
	}
	for _, j := range p.Joins {
		m := d.messages[j.MessageID]
		m.Alerts, m.Affected, m.Level, m.DueAt = m.Alerts+j.Alerts, j.Affected, j.Level, j.DueAt
		d.messages[j.MessageID] = m
	}
	for _, t := range p.Deliveries {
		d.told[fmt.Sprint(t.AlertID, t.Recipient, t.Channel)] = t.MessageID
	}
	return p
}

// look brings what is known to an instant: what was due has left.
func (d *desk) look(now int64) {
	newest := map[group.At]int64{}
	for id, m := range d.messages {
		place := group.Place{Recipient: m.Recipient, Channel: rule.Channel(m.Channel)}
		switch {
		case m.Purpose == "digest" && m.DueAt > now:
			d.known.Digests[place] = m
		case m.Purpose == "digest":
			d.known.Digested[place] = max(d.known.Digested[place], m.DueAt)
		default:
			at := group.At{Incident: m.IncidentID, Place: place}
			if id > newest[at] {
				newest[at] = id
				d.known.Last[at] = group.Last{Message: m, Gathering: m.DueAt > now}
			}
		}
	}
}

func person(name string, channels ...rule.Channel) []group.Target {
	var out []group.Target
	for _, c := range channels {
		t := group.Target{Place: group.Place{Recipient: name, Channel: c}, Address: "13800000000", Rule: "default-duty", Mail: name + "@example.com"}
		if c == rule.Mail {
			t.Address = t.Mail
		}
		out = append(out, t)
	}
	return out
}

func alert(id int64, level, root string, targets ...[]group.Target) group.Alert {
	a := group.Alert{Root: store.IncidentRoot{Kind: store.RootPath, Root: root}, Cause: "missing " + root}
	a.ID, a.Level, a.Kind, a.Object, a.CreatedAt = id, level, store.AlertDependTimeout, fmt.Sprintf("t%d/20150518.0", id), start
	for _, t := range targets {
		a.Targets = append(a.Targets, t...)
	}
	return a
}

func (d *desk) at(recipient string, c rule.Channel) (out []store.Message) {
	for id := int64(0); id <= d.ids; id++ {
		if m, ok := d.messages[id]; ok && m.Recipient == recipient && m.Channel == string(c) {
			out = append(out, m)
		}
	}
	return out
}

func said(all []store.Message) string {
	var out []string
	for _, m := range all {
		out = append(out, fmt.Sprintf("%s %d of %d +%ds", m.Purpose, m.Alerts, m.Affected, (m.DueAt-start)/1000))
	}
	return strings.Join(out, ", ")
}

// One path is not there, and 300 batches of two pages wait for it: everybody is
// told once on each channel.
func TestOneRootIsOneMessageAtEachPlace(t *testing.T) {
	t.Parallel()
	d := newDesk()
	people := [][]group.Target{person("ann", rule.SMS, rule.Mail), person("bob", rule.Mail)}
	for page := range 2 {
		var alerts []group.Alert
		for i := range 150 {
			alerts = append(alerts, alert(int64(page*150+i+1), store.LevelTask, "/in", people...))
		}
		d.deal(start+int64(page)*5000, alerts...)
		d.look(start + int64(page)*5000)
	}
	for _, p := range []group.Place{{Recipient: "ann", Channel: rule.SMS}, {Recipient: "ann", Channel: rule.Mail}, {Recipient: "bob", Channel: rule.Mail}} {
		if got := said(d.at(p.Recipient, p.Channel)); got != "alert 300 of 300 +30s" {
			t.Errorf("%v: got %s, want one message about all", p, got)
		}
	}
	if in := d.known.Incidents[store.IncidentRoot{Kind: store.RootPath, Root: "/in"}]; len(d.known.Incidents) != 1 || in.Affected != 300 || in.Code == "" {
		t.Errorf("got %+v, want one incident of 300", in)
	}
	if len(d.told) != 900 {
		t.Errorf("got %d deliveries, want one for each alert and place", len(d.told))
	}
}

// Ten thousand roots: each person gets what the limits allow and a digest with all the rest.
func TestAStormIsTheCapAndADigest(t *testing.T) {
	t.Parallel()
	d := newDesk()
	all := person("ann", rule.SMS, rule.Mail)
	var alerts []group.Alert
	for i := range 10000 {
		alerts = append(alerts, alert(int64(i+1), store.LevelTask, fmt.Sprint("/in/", i), all))
	}
	for page := range 20 {
		now := start + int64(page)*1000
		d.look(now)
		d.deal(now, alerts[page*500:(page+1)*500]...)
	}
	mails, texts := d.at("ann", rule.Mail), d.at("ann", rule.SMS)
	if len(mails) != 31 || len(texts) != 11 {
		t.Fatalf("got %d mails and %d short messages, want 30 and 10, and a digest each", len(mails), len(texts))
	}
	if m := mails[30]; m.Purpose != "digest" || m.Alerts != 9970 || m.DueAt > start+120_000 {
		t.Errorf("got %+v, want the other 9970 within two minutes", m)
	}
	if m := texts[10]; m.Purpose != "digest" || m.Alerts != 9990 {
		t.Errorf("got %+v, want the other 9990", m)
	}
	if len(d.told) != 20000 {
		t.Errorf("got %d deliveries, want every alert at both places", len(d.told))
	}
}

func TestWhoIsToldAgain(t *testing.T) {
	t.Parallel()
	minute := int64(60_000)
	for name, c := range map[string]struct {
		levels string // of alerts, one after the other
		every  int64  // between them
		mail   string
		sms    string
		ring   string
	}{
		"AloneThenNothing":      {levels: "t", mail: "alert 1 of 1 +30s", sms: "alert 1 of 1 +30s", ring: "alert 1 of 1 +30s"},
		"InTheSameHalfMinute":   {levels: "ttt", every: 5000, mail: "alert 3 of 3 +30s", sms: "alert 3 of 3 +30s", ring: "alert 3 of 3 +30s"},
		"SoonAfterItIsADigest":  {levels: "tt", every: minute, mail: "alert 1 of 1 +30s, digest 1 of 0 +150s", sms: "alert 1 of 1 +30s", ring: "alert 1 of 1 +30s"},
		"DoubledAfterFive":      {levels: "tt", every: 6 * minute, mail: "alert 1 of 1 +30s, update 1 of 2 +390s", sms: "alert 1 of 1 +30s, update 1 of 2 +390s", ring: "alert 1 of 1 +30s, update 1 of 2 +390s"},
		"ThreeAreNotTwiceTwo":   {levels: "ttt", every: 6 * minute, mail: "alert 1 of 1 +30s, update 1 of 2 +390s, digest 1 of 0 +810s", sms: "alert 1 of 1 +30s, update 1 of 2 +390s", ring: "alert 1 of 1 +30s, update 1 of 2 +390s"},
		"WorseIsToldAtOnce":     {levels: "tc", every: minute, mail: "alert 1 of 1 +30s, update 1 of 2 +70s", sms: "alert 1 of 1 +30s, update 1 of 2 +70s", ring: "alert 1 of 1 +30s, update 1 of 2 +70s"},
		"WorseHurriesWhatWaits": {levels: "tc", every: 5000, mail: "alert 2 of 2 +15s", sms: "alert 2 of 2 +15s", ring: "alert 2 of 2 +15s"},
		"CriticalIsNeverHeld":   {levels: "ccc", every: minute, mail: "alert 1 of 1 +10s, update 1 of 2 +70s, update 1 of 3 +130s", sms: "alert 1 of 1 +10s, update 1 of 2 +70s, update 1 of 3 +130s", ring: "alert 1 of 1 +10s"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk()
			for i, l := range c.levels {
				now := start + int64(i)*c.every
				a := alert(int64(i+1), map[rune]string{'t': store.LevelTask, 'c': store.LevelCritical}[l], "/in", person("ann", rule.Phone, rule.SMS, rule.Mail))
				a.CreatedAt = now
				d.look(now)
				d.deal(now, a)
			}
			if got := said(d.at("ann", rule.Mail)); !strings.HasPrefix(got, c.mail) {
				t.Errorf("mail: got %s, want %s", got, c.mail)
			}
			if got := said(d.at("ann", rule.SMS)); got != c.sms {
				t.Errorf("sms: got %s, want %s", got, c.sms)
			}
			if got := said(d.at("ann", rule.Phone)); got != c.ring {
				t.Errorf("phone: got %s, want %s", got, c.ring)
			}
		})
	}
}

func TestWhereTheRestGoes(t *testing.T) {
	t.Parallel()
	numberOnly := []group.Target{{Place: group.Place{Recipient: "addr:110", Channel: rule.SMS}, Address: "110", Rule: "auxiliary"}}
	hook := []group.Target{{Place: group.Place{Recipient: "hook:ops", Channel: rule.Webhook}, Rule: "webhook"}}
	for name, c := range map[string]struct {
		targets []group.Target
		muted   bool
		noSMS   bool
		want    map[group.Place]string
	}{
		"AMailedPersonHearsTheNumber": {targets: person("ann", rule.SMS, rule.Mail), want: map[group.Place]string{
			{Recipient: "ann", Channel: rule.SMS}: "digest 1 of 0 +90s", {Recipient: "ann", Channel: rule.Mail}: "digest 1 of 0 +90s"}},
		"AMailNamesWhatNoTextDoes": {targets: person("ann", rule.SMS), want: map[group.Place]string{
			{Recipient: "ann", Channel: rule.Mail}: "digest 1 of 0 +90s"}},
		"ANumberGetsAText":        {targets: numberOnly, want: map[group.Place]string{{Recipient: "addr:110", Channel: rule.SMS}: "digest 1 of 0 +90s"}},
		"AGroupHasItsOwn":         {targets: hook, want: map[group.Place]string{{Recipient: "hook:ops", Channel: rule.Webhook}: "digest 1 of 0 +90s"}},
		"ACallBecomesAText":       {targets: []group.Target{{Place: group.Place{Recipient: "addr:110", Channel: rule.Phone}, Address: "110"}}, want: map[group.Place]string{{Recipient: "addr:110", Channel: rule.SMS}: "digest 1 of 0 +90s"}},
		"OrACallWhereNoneIsThere": {targets: []group.Target{{Place: group.Place{Recipient: "addr:110", Channel: rule.Phone}, Address: "110"}}, noSMS: true, want: map[group.Place]string{{Recipient: "addr:110", Channel: rule.Phone}: "digest 1 of 0 +90s"}},
		"AnOutageRingsNobody": {targets: person("ann", rule.SMS, rule.Mail), muted: true, want: map[group.Place]string{
			{Recipient: "ann", Channel: rule.SMS}: "digest 1 of 0 +90s", {Recipient: "ann", Channel: rule.Mail}: "alert 1 of 1 +30s"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk()
			if !c.muted {
				d.limits = group.Limits{rule.SMS: 0, rule.Phone: 0, rule.Mail: 0, rule.Webhook: 0}
			}
			d.known.Muted, d.known.SMS = c.muted, !c.noSMS
			d.deal(start, alert(1, store.LevelTask, "/in", c.targets))
			got := map[group.Place]string{}
			for _, m := range d.messages {
				got[group.Place{Recipient: m.Recipient, Channel: rule.Channel(m.Channel)}] = said([]store.Message{m})
			}
			if fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
			if len(d.told) != len(c.targets) {
				t.Errorf("got %v, want every place told", d.told)
			}
		})
	}
}

// Two alerts about one batch are one thing that is affected.
func TestAnObjectCountsOnce(t *testing.T) {
	t.Parallel()
	d := newDesk()
	for i, kind := range []string{store.AlertDependTimeout, store.AlertOutputTimeout} {
		a := alert(1, store.LevelTask, "/in", person("ann", rule.Mail))
		a.ID, a.Kind, a.CreatedAt = int64(i+1), kind, start+int64(i)*600_000
		d.look(a.CreatedAt)
		d.deal(a.CreatedAt, a)
	}
	if got := said(d.at("ann", rule.Mail)); got != "alert 1 of 1 +30s, digest 1 of 0 +690s" {
		t.Errorf("got %s, want no growth told", got)
	}
}

func TestSilencesAndEnds(t *testing.T) {
	t.Parallel()
	d := newDesk()
	quiet := alert(1, store.LevelTask, "/in", person("ann", rule.Mail))
	quiet.Silence = 7
	p := d.deal(start, quiet)
	if len(p.Messages) != 0 || len(p.Opened) != 1 || p.Dealt[0] != (store.DealtAlert{AlertID: 1, IncidentID: p.Opened[0].ID, SilenceID: 7}) {
		t.Errorf("got %+v, want an incident that nobody is told of", p)
	}
	ends := alert(2, store.LevelNotice, "/in", person("ann", rule.Mail))
	ends.Ends = true
	if p = d.deal(start, ends); len(p.Messages)+len(p.Opened) != 0 || len(p.Dealt) != 1 {
		t.Errorf("got %+v, want the end told by the incident", p)
	}
	ends = alert(3, store.LevelNotice, "/other", person("ann", rule.Mail))
	ends.Ends = true
	if p = d.deal(start, ends); len(p.Messages) != 1 || p.Opened[0].IncidentRoot.Kind != store.RootEvent {
		t.Errorf("got %+v, want the end of what nobody heard of told as an event", p)
	}
}
