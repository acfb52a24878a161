package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"capricornus/common/fault"
	"capricornus/common/pause"
	"capricornus/common/permit"
	"capricornus/common/wire"
	"capricornus/master/live"
)

type eventsQuery struct {
	Topics  string `query:"topics" maxLength:"100" doc:"some of batch, operation, host, alert, incident, duty, cluster, with commas; without it all"`
	Project string `query:"project" maxLength:"100" doc:"only batches of this project"`
	Task    string `query:"task" maxLength:"100" doc:"only batches of this task"`
	State   string `query:"state" maxLength:"20" doc:"only batches that come to this state or result"`
	Since   string `query:"since" maxLength:"100" doc:"id of the last event that was seen, or UTC milliseconds: to go on behind it"`
	Last    string `header:"Last-Event-ID" maxLength:"200" doc:"as since, which counts first"`
}

type eventsAnswer struct {
	ContentType string `header:"Content-Type"`
	Buffering   string `header:"X-Accel-Buffering" doc:"no: proxies pass events on at once"`
	Body        func(huma.Context)
}

func (a *api) eventRoutes() {
	raw(a, route{method: http.MethodGet, path: root + "/events", may: permit.View, id: "follow-events", tag: tagViews, timeout: endless,
		summary: "What happens, as it happens, as a stream of events"}, a.followEvents)
}

func (a *api) followEvents(ctx context.Context, q *eventsQuery) (*eventsAnswer, error) {
	filter := live.Filter{Project: q.Project, Task: q.Task, State: q.State}
	var err error
	if filter.Topics, err = live.ParseTopics(q.Topics); err != nil {
		return nil, err
	}
	since := q.Since
	if since == "" {
		since = q.Last
	}
	client, err := a.hub.Subscribe(ctx, filter, since)
	if err != nil {
		return nil, err
	}
	return &eventsAnswer{ContentType: eventType, Buffering: "no", Body: func(hc huma.Context) {
		defer client.Close()
		r, w := humago.Unwrap(hc)
		a.sendEvents(ctx, client, newSSE(w), r)
	}}, nil
}

// sendEvents returns when the client is gone, too slow, or may look no more.
func (a *api) sendEvents(ctx context.Context, client *live.Client, stream sse, r *http.Request) {
	if stream.begin() != nil {
		return
	}
	quiet := time.Duration(0) // for how long nothing was sent
	for {
		events, resync, id, err := client.Next(ctx, a.eventsEvery)
		if err != nil || !a.mayStill(r) {
			return
		}
		switch {
		case resync:
			err, quiet = stream.event(wire.EventResync, id, struct{}{}), 0
		case len(events) > 0:
			err, quiet = sendAll(stream, events, id), 0
		default:
			if quiet += a.eventsEvery; quiet >= live.Heartbeat {
				err, quiet = stream.write(": waiting\nid: "+id+"\n\n"), 0
			}
			if err == nil {
				continue // it has waited
			}
		}
		if err != nil || pause.For(ctx, a.eventsEvery) != nil {
			return
		}
	}
}

// mayStill tells whether the credential that a stream began with still lets its
// caller in. While nobody can be asked, it does.
func (a *api) mayStill(r *http.Request) bool {
	who, err := a.tokens.authenticate(r)
	if err != nil {
		return fault.CodeOf(err) != fault.Unauthed
	}
	return a.allow(http.MethodGet+" "+root+"/events", who) == nil
}

// sendAll sends events in one piece. The last alone has the id: who has not got
// them all has got none.
func sendAll(stream sse, events []wire.LiveEvent, id string) error {
	var out strings.Builder
	for i, e := range events {
		at := ""
		if i == len(events)-1 {
			at = id
		}
		text, err := frame(e.Topic, at, dataOf(&e))
		if err != nil {
			return err
		}
		out.WriteString(text)
	}
	return stream.write(out.String())
}

// dataOf is what an event says; its topic is the event's name.
func dataOf(e *wire.LiveEvent) any {
	switch e.Topic {
	case wire.TopicBatch:
		return e.Batch
	case wire.TopicOperation:
		return e.Operation
	case wire.TopicHost:
		return e.Host
	case wire.TopicAlert:
		return e.Alert
	case wire.TopicIncident:
		return e.Incident
	case wire.TopicDuty:
		return e.Duty
	}
	return e.Cluster
}
