package store

// What an incident's root is: the one thing that its alerts come from.
const (
	RootPath    = "path"    // a data path that is not there
	RootThird   = "third"   // data that a third party has not announced: code/dataNo
	RootBatch   = "batch"   // a batch that failed, or is late by itself: task/workNo
	RootAbsent  = "absent"  // a batch that others wait for and that was never made: task/workNo
	RootWorker  = "worker"  // a worker that is lost: its host
	RootWatch   = "watch"   // what the masters watch and tell the end of: kind:object
	RootChannel = "channel" // a channel on which people could not be told
	RootEvent   = "event"   // what has happened and does not last: kind:object
)

// IncidentRoot names what an incident comes from.
type IncidentRoot struct {
	Kind string `db:"rootKind"`
	Root string `db:"root"`
}

// Incident is all alerts with one root, from the first one until it is over
// (console.md §3.3). There is one open incident of a root at most.
type Incident struct {
	ID   int64  `db:"id"`
	Code string `db:"code"` // for people and short links, at most 8 letters and digits
	IncidentRoot
	Kind        string `db:"kind"` // of the first alert
	Cause       string `db:"cause"`
	Level       string `db:"level"`    // the highest so far
	Affected    int    `db:"affected"` // objects that its alerts are about
	OpenedAt    int64  `db:"openedAt"`
	LastAlertAt int64  `db:"lastAlertAt"`
	ToldAt      int64  `db:"toldAt"`     // when the last message about it alone was put; 0: never
	ResolvedAt  int64  `db:"resolvedAt"` // 0: it is open
	AckBy       string `db:"ackBy"`
	AckAt       int64  `db:"ackAt"`
	AckNote     string `db:"ackNote"`
}

const incidentCols = "id, code, rootKind, root, kind, cause, level, affected, openedAt, lastAlertAt, toldAt, resolvedAt, ackBy, ackAt, ackNote"

// UndealtAlert is an alert for which nobody has been chosen yet.
type UndealtAlert struct {
	ID         int64  `db:"id"`
	Kind       string `db:"kind"`
	Object     string `db:"object"`
	Occurrence string `db:"occurrence"`
	Level      string `db:"level"`
	TaskID     int64  `db:"taskId"`    // 0: about none
	ProjectID  int64  `db:"projectId"` // of the task
	WorkID     int64  `db:"workId"`    // 0: about no batch
	Text       string `db:"text"`
	CreatedAt  int64  `db:"createdAt"`
}

// IsEvent says that an incident tells of what has happened and does not
// last: nobody is told of its end.
func (in *Incident) IsEvent() bool { return in.IncidentRoot.Kind == RootEvent }
