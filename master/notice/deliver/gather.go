package deliver

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"capricornus/common/store"
	"capricornus/master/notice/text"
)

// Bounds of what is read for the messages that are begun together.
const (
	readAlerts = 100_000
	readPlaces = 10_000
	toldAgain  = 200 // alerts of an incident in a message that brings none of its own
)

// facts are what messages are made of, as it stood at one moment.
type facts struct {
	now       time.Time // in the cluster's zone
	fallback  string    // the language of who has chosen none
	alerts    map[int64][]store.ToldAlert
	details   map[int64]store.AlertDetail
	incidents map[int64]store.Incident
	places    map[int64][]store.PlaceOfIncident // by incident
	behind    map[int64]int                     // batches that wait for an incident's root, by incident
	people    map[string]store.Recipient        // by name
	onDuty    map[int64]string                  // user, by message
}

// lang is the language of a message.
func (f *facts) lang(m *store.Message) string {
	if m.Lang != "" {
		return m.Lang
	}
	return f.fallback
}

// tellsOfFailures says that a message tells of nothing but messages that could
// not be sent.
func (f *facts) tellsOfFailures(message int64) bool {
	all := f.alerts[message]
	return len(all) > 0 && !slices.ContainsFunc(all, func(a store.ToldAlert) bool { return a.Kind != store.AlertSendFailed })
}

// gather reads what messages tell, in a number of statements that hardly grows
// with them.
func (p *pass) gather(ctx context.Context, messages []store.Message) (*facts, error) {
	f := &facts{}
	err := p.DB.View(ctx, func(t *store.ViewTx) error {
		*f = facts{now: time.UnixMilli(t.Now()).In(p.Zone)}
		g := gathering{facts: f, t: t, messages: messages}
		for _, read := range []func(context.Context) error{g.readSettings, g.readAlerts, g.readIncidents, g.readDetails, g.readBehind, g.readPeople} {
			if err := read(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	return f, err
}

// gathering is one reading.
type gathering struct {
	*facts

	t        *store.ViewTx
	messages []store.Message
	settings map[string]string
}

func (g *gathering) readSettings(ctx context.Context) (err error) {
	g.settings, err = g.t.Settings(ctx)
	g.fallback = cmp.Or(g.settings[store.SettingNoticeLanguage], "en")
	return err
}

func (g *gathering) readAlerts(ctx context.Context) (err error) {
	ids := make([]int64, len(g.messages))
	for i := range g.messages {
		ids[i] = g.messages[i].ID
	}
	if g.alerts, err = g.t.AlertsOfMessages(ctx, ids, readAlerts); err != nil {
		return err
	}
	for _, m := range g.messages { // that an incident goes on, or is over
		if m.IncidentID == 0 || len(g.alerts[m.ID]) > 0 {
			continue
		}
		told, err := g.t.AlertsToldOf(ctx, m.IncidentID, m.Recipient, m.Channel, toldAgain)
		if err == nil && len(told) == 0 {
			told, err = g.t.FirstAlerts(ctx, m.IncidentID, 1)
		}
		if err != nil {
			return err
		}
		g.alerts[m.ID] = told
	}
	return nil
}

func (g *gathering) readIncidents(ctx context.Context) (err error) {
	var ids []int64
	for i := range g.messages {
		if id := g.messages[i].IncidentID; id != 0 {
			ids = append(ids, id)
		}
	}
	if g.incidents, err = g.t.IncidentsByID(ctx, ids); err != nil {
		return err
	}
	g.places, err = g.t.PlacesOfIncidents(ctx, ids, readPlaces)
	return err
}

// readDetails reads more of alerts that are told by themselves.
func (g *gathering) readDetails(ctx context.Context) (err error) {
	var ids []int64
	for i := range g.messages {
		if alerts := g.alerts[g.messages[i].ID]; len(alerts) == 1 {
			ids = append(ids, alerts[0].ID)
		}
	}
	g.details, err = g.t.AlertDetails(ctx, ids)
	return err
}

// readPeople reads who is told, who else is, and who is on duty.
func (g *gathering) readPeople(ctx context.Context) error {
	var asked store.Asked
	for _, m := range g.messages {
		asked.Names = append(asked.Names, m.Recipient)
		for _, place := range g.places[m.IncidentID] {
			asked.Names = append(asked.Names, place.Recipient)
		}
	}
	asked.Names = slices.DeleteFunc(asked.Names, func(name string) bool { return strings.Contains(name, ":") })
	primaries, err := g.readDuties(ctx)
	if err != nil {
		return err
	}
	for _, id := range primaries {
		asked.IDs = append(asked.IDs, id)
	}
	users, err := g.t.Recipients(ctx, asked)
	if err != nil {
		return err
	}
	g.people, g.onDuty = make(map[string]store.Recipient, len(users)), map[int64]string{}
	names := make(map[int64]string, len(users))
	for _, u := range users {
		g.people[u.Name], names[u.ID] = u, u.Name
	}
	for message, id := range primaries {
		g.onDuty[message] = names[id]
	}
	return nil
}

// readDuties reads whose duty it is, by message: that of the department whose
// task the message is about, or of the platform's.
func (g *gathering) readDuties(ctx context.Context) (map[int64]int64, error) {
	tasks := map[int64]int64{} // message: the task that its first alert is about
	var ids []int64
	for _, m := range g.messages {
		if alerts := g.alerts[m.ID]; m.IncidentID != 0 && m.Purpose != text.PurposeRecovered && len(alerts) > 0 {
			tasks[m.ID] = alerts[0].TaskID
			ids = append(ids, alerts[0].TaskID)
		}
	}
	if len(tasks) == 0 {
		return nil, nil
	}
	heads, err := g.t.AlertTasks(ctx, ids)
	if err != nil {
		return nil, err
	}
	platform, err := g.platform(ctx)
	if err != nil {
		return nil, err
	}
	homes := map[int64]int64{0: platform} // task: department
	for _, h := range heads {
		homes[h.ID] = h.DepartmentID
	}
	var departments []int64
	for _, d := range homes {
		departments = append(departments, d)
	}
	day := g.now.Year()*10_000 + int(g.now.Month())*100 + g.now.Day()
	duties, err := g.t.Duties(ctx, departments, day, day)
	if err != nil {
		return nil, err
	}
	primary := map[int64]int64{}
	for _, d := range duties {
		primary[d.DepartmentID] = d.PrimaryID
	}
	out := map[int64]int64{}
	for message, task := range tasks {
		if id := primary[homes[task]]; id != 0 {
			out[message] = id
		}
	}
	return out, nil
}

// platform is the department that is on duty for the platform; 0: none.
func (g *gathering) platform(ctx context.Context) (int64, error) {
	if g.settings[store.SettingPlatformDepartment] == "" {
		return 0, nil
	}
	d, err := g.t.DepartmentByName(ctx, g.settings[store.SettingPlatformDepartment])
	if errors.Is(err, store.ErrNotFound) {
		return 0, nil
	}
	return d.ID, err
}

// isUser says that a recipient is one.
func isUser(recipient string) bool { return !strings.Contains(recipient, ":") }

// name is how a recipient is called; empty: an address of nobody's.
func (f *facts) name(recipient string) string {
	if u, known := f.people[recipient]; known && u.Title != "" {
		return u.Title
	}
	if isUser(recipient) {
		return recipient
	}
	return ""
}
