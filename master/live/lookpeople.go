package live

import (
	"context"
	"strconv"
	"strings"

	"capricornus/common/store"
	"capricornus/common/wire"
)

// incidentsSeen is how many of the open incidents are watched: the newest.
const incidentsSeen = 200

// States of an incident.
const (
	incidentOpen  = "open"
	incidentEnded = "ended"
)

func dutyItem(c store.RosterChange) item {
	change := strings.TrimPrefix(c.Action, "duty.")
	department, _, _ := strings.Cut(c.Object, "/")
	if change == "import" || change == "fill" { // they may be of many
		department = ""
	}
	return item{
		event: wire.LiveEvent{Topic: wire.TopicDuty, Duty: &wire.LiveDuty{Change: change, Department: department, By: c.Actor, At: c.At}},
		key:   wire.TopicDuty + strconv.FormatInt(c.ID, 10), at: c.At,
	}
}

// incidents lists those that were opened, acknowledged, or have come to another
// level or an end.
func (l *looker) incidents(ctx context.Context, t *store.ViewTx) ([]item, error) {
	rows, err := t.StandingIncidents(ctx, incidentsSeen)
	if err != nil {
		return nil, err
	}
	oldest := int64(0) // of those that would be seen
	if len(rows) == incidentsSeen {
		oldest = rows[len(rows)-1].ID
	}
	var out []item
	open := make(map[int64]wire.LiveIncident, len(rows))
	for _, r := range rows {
		now := wire.LiveIncident{Code: r.Code, State: incidentOpen, Level: r.Level, AckBy: r.AckBy, AckAt: r.AckAt}
		open[r.ID] = now
		if before, known := l.open[r.ID]; !known || before != now {
			out = append(out, incidentItem(r.ID, now, t.Now()))
		}
	}
	for id, was := range l.open {
		if _, still := open[id]; !still && id >= oldest {
			was.State = incidentEnded
			out = append(out, incidentItem(id, was, t.Now()))
		}
	}
	l.found.open = open
	return out, nil
}

func incidentItem(id int64, now wire.LiveIncident, at int64) item {
	return item{event: wire.LiveEvent{Topic: wire.TopicIncident, Incident: &now}, key: wire.TopicIncident + strconv.FormatInt(id, 10), at: at}
}
