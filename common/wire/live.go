package wire

// Topics of live events.
const (
	TopicBatch     = "batch"
	TopicOperation = "operation"
	TopicHost      = "host"
	TopicAlert     = "alert"
	TopicIncident  = "incident"
	TopicDuty      = "duty"
	TopicCluster   = "cluster"
)

// EventResync is the event that says: something may have been missed, look again.
const EventResync = "resync"

// LiveBatch is how a batch has changed since the last event about it.
type LiveBatch struct {
	Ref     string `json:"ref"`
	Project string `json:"project"`
	Seq     int    `json:"seq"` // of its journal: an event with a lower one is older
	From    string `json:"from,omitempty"`
	To      string `json:"to"`
	Finish  string `json:"finish"`
	Host    string `json:"host,omitempty"`
	Attempt int    `json:"attempt,omitempty"`
	At      int64  `json:"at"`
}

// LiveOperation is how an operation stands.
type LiveOperation struct {
	ID      int64  `json:"id"`
	Kind    string `json:"kind"`
	State   string `json:"state"`
	Total   int    `json:"total"`
	Created int    `json:"created"`
	Done    int    `json:"done"`
	Failed  int    `json:"failed"`
}

// LiveHost is how a worker stands.
type LiveHost struct {
	Host     string `json:"host"`
	Alive    bool   `json:"alive"`
	Stopped  bool   `json:"stopped"`
	Draining bool   `json:"draining,omitempty"`
	Dead     bool   `json:"dead,omitempty"`
}

// LiveAlert is an alert that was raised.
type LiveAlert struct {
	ID     int64  `json:"id"`
	Kind   string `json:"kind"`
	Object string `json:"object"`
	Level  string `json:"level"`
	Text   string `json:"text"`
	At     int64  `json:"at"`
}

// LiveIncident is how an incident stands.
type LiveIncident struct {
	Code  string `json:"code"`
	State string `json:"state"` // open | ended
	Level string `json:"level"`
	AckBy string `json:"ackBy,omitempty"`
	AckAt int64  `json:"ackAt,omitempty"`
}

// LiveDuty says that somebody has changed the duty roster, or that the leader has
// filled days of it from rotations.
type LiveDuty struct {
	Change     string `json:"change"`               // set | clear | import | rotation-put | rotation-delete | fill
	Department string `json:"department,omitempty"` // none of an import and a fill, which may be of many
	By         string `json:"by"`                   // of a fill the leader's duty, roster
	At         int64  `json:"at"`
}

// LiveCluster is who leads.
type LiveCluster struct {
	Leader string `json:"leader"` // empty: nobody at the moment
}

// LiveEvent is one event of the stream: one of its fields is set, by its topic.
// With the topic resync none is: what is shown must be read again.
type LiveEvent struct {
	ID        string         `json:"id,omitempty"`
	Topic     string         `json:"topic"`
	Batch     *LiveBatch     `json:"batch,omitempty"`
	Operation *LiveOperation `json:"operation,omitempty"`
	Host      *LiveHost      `json:"host,omitempty"`
	Alert     *LiveAlert     `json:"alert,omitempty"`
	Incident  *LiveIncident  `json:"incident,omitempty"`
	Duty      *LiveDuty      `json:"duty,omitempty"`
	Cluster   *LiveCluster   `json:"cluster,omitempty"`
}
