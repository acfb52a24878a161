package wire

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"net/http"
	"strings"
	"time"

	"capricornus/common/fault"
	"capricornus/common/pause"
)

const (
	followAgain = 2 * time.Second  // before a stream that broke off is taken up again
	followGone  = 10 * time.Minute // that no master answers, before following gives up
	maxEvent    = 1 << 20          // bytes of one line
)

// LiveQuery chooses live events. Zero values choose all.
type LiveQuery struct {
	Topics  []string
	Project string
	Task    string
	State   string
	Since   string // id of an event, or UTC milliseconds

	Again time.Duration // before a stream that broke off is taken up again; 0: 2 s
}

// Follow yields what happens until ctx ends, the loop does, or a master refuses.
// A stream that breaks off is taken up again behind the last event, at the next
// master if need be; what comes twice then is dropped. An event of the topic
// resync says that something was missed.
func (c *Client) Follow(ctx context.Context, q LiveQuery) iter.Seq2[LiveEvent, error] {
	return func(yield func(LiveEvent, error) bool) {
		f := following{client: c, query: q, seqs: map[string]int{}, alerts: map[int64]bool{}}
		if f.query.Again == 0 {
			f.query.Again = followAgain
		}
		answered := time.Now()
		for {
			err := f.stream(ctx, func(e LiveEvent) bool { return yield(e, nil) })
			switch {
			case errors.Is(err, errEnough):
				return
			case ctx.Err() != nil:
				yield(LiveEvent{}, ctx.Err())
				return
			case err == nil:
				answered = time.Now()
			case !comesBack(err) || time.Since(answered) > followGone:
				yield(LiveEvent{}, err)
				return
			}
			_ = pause.For(ctx, f.query.Again)
		}
	}
}

var errEnough = errors.New("whoever reads has had enough")

// comesBack tells that what is wrong passes: no master is there, or it is busy.
func comesBack(err error) bool {
	code := fault.CodeOf(err)
	return code == fault.Unavailable || code == fault.NotLeader || code == fault.TooMany
}

// following is a stream across its interruptions.
type following struct {
	client *Client
	query  LiveQuery
	seqs   map[string]int // the newest seq of each batch
	alerts map[int64]bool
}

// maxKnown bounds what is remembered for dropping what comes twice.
const maxKnown = 100_000

// stream reads one connection to its end. Nil means that it broke off.
func (f *following) stream(ctx context.Context, yield func(LiveEvent) bool) error {
	values := params("topics", strings.Join(f.query.Topics, ","), "project", f.query.Project, "task", f.query.Task, "state", f.query.State, "since", f.query.Since)
	path := "/events"
	if len(values) > 0 {
		path += "?" + values.Encode()
	}
	response, err := f.client.open(ctx, http.MethodGet, path, nil)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	return f.read(response.Body, yield)
}

func (f *following) read(body io.Reader, yield func(LiveEvent) bool) error {
	lines := bufio.NewScanner(body)
	lines.Buffer(nil, maxEvent)
	var kind, id, data string
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), ":")
		value = strings.TrimPrefix(value, " ")
		switch {
		case lines.Text() == "":
			if id != "" {
				f.query.Since = id
			}
			if data != "" && !f.event(kind, id, data, yield) {
				return errEnough
			}
			kind, id, data = "", "", ""
		case name == "event":
			kind = value
		case name == "id":
			id = value
		case name == "data":
			data += value
		}
	}
	return nil
}

// event passes one event on, unless it came before.
func (f *following) event(kind, id, data string, yield func(LiveEvent) bool) bool {
	e := LiveEvent{ID: id, Topic: kind}
	var into any
	switch kind {
	case TopicBatch:
		e.Batch = &LiveBatch{}
		into = e.Batch
	case TopicOperation:
		e.Operation = &LiveOperation{}
		into = e.Operation
	case TopicHost:
		e.Host = &LiveHost{}
		into = e.Host
	case TopicAlert:
		e.Alert = &LiveAlert{}
		into = e.Alert
	case TopicIncident:
		e.Incident = &LiveIncident{}
		into = e.Incident
	case TopicDuty:
		e.Duty = &LiveDuty{}
		into = e.Duty
	case TopicCluster:
		e.Cluster = &LiveCluster{}
		into = e.Cluster
	case EventResync:
		return yield(e)
	default:
		return true // of a later version
	}
	if json.Unmarshal([]byte(data), into) != nil || f.had(&e) {
		return true
	}
	return yield(e)
}

// had tells that an event came before, and remembers it.
func (f *following) had(e *LiveEvent) bool {
	if len(f.seqs)+len(f.alerts) > maxKnown {
		clear(f.seqs)
		clear(f.alerts)
	}
	switch {
	case e.Batch != nil:
		if f.seqs[e.Batch.Ref] >= e.Batch.Seq {
			return true
		}
		f.seqs[e.Batch.Ref] = e.Batch.Seq
	case e.Alert != nil:
		if f.alerts[e.Alert.ID] {
			return true
		}
		f.alerts[e.Alert.ID] = true
	}
	return false
}
