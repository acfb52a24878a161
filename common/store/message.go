package store

// States of messages.
const (
	MessageWaits  = 0 // to be sent at DueAt; before the first try it gathers alerts
	MessageSent   = 1
	MessageFailed = 2 // for good: no further try
)

// PurposeReport is that of messages that carry a report; package text has the others.
const PurposeReport = "report"

// Message is what one recipient is told at once on one channel.
type Message struct {
	ID         int64  `db:"id"`
	Purpose    string `db:"purpose"`    // alert, update, digest, recovered, test, report
	IncidentID int64  `db:"incidentId"` // 0: of none, or of several
	Recipient  string `db:"recipient"`  // a user, "hook:" and a webhook, "addr:" and an address of nobody's
	Channel    string `db:"channel"`    // phone, sms, mail, webhook
	Address    string `db:"address"`    // a number or a mail address; empty for webhooks
	Lang       string `db:"lang"`       // zh, en; empty: as the cluster speaks
	Level      string `db:"level"`      // the highest of its alerts
	Alerts     int    `db:"alerts"`     // that it tells of
	Affected   int    `db:"affected"`   // objects that the incident was about by then
	State      int    `db:"state"`
	Tries      int    `db:"tries"` // begun
	DueAt      int64  `db:"dueAt"` // when the next try may begin
	Answer     string `db:"answer"`
	Subject    string `db:"subject"` // of a mail; of others the text, as it was sent last
	Ref        string `db:"ref"`     // of a report's: its kind, "/" and the instant its time ended
	CreatedAt  int64  `db:"createdAt"`
	EndedAt    int64  `db:"endedAt"` // sent, or failed for good
}

const messageCols = "id, purpose, incidentId, recipient, channel, address, lang, level, alerts, affected, state, tries, dueAt, answer, subject, ref, createdAt, endedAt"

// Delivery is that a place is told of an alert, by which rule and with which message.
type Delivery struct {
	AlertID   int64  `db:"alertId"`
	Recipient string `db:"recipient"`
	Channel   string `db:"channel"`
	Rule      string `db:"rule"`
	MessageID int64  `db:"messageId"`
}
