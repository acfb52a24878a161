package text

import (
	"time"

	"capricornus/master/notice/rule"
)

// What a message is for.
const (
	PurposeAlert     = "alert"     // something has happened
	PurposeUpdate    = "update"    // an incident goes on, and has grown
	PurposeDigest    = "digest"    // what was held back, in one message
	PurposeRecovered = "recovered" // an incident is over
	PurposeFailure   = "failure"   // a delivery failed for good
	PurposeTest      = "test"      // somebody tries a channel
)

// Message is what one recipient is told at once.
type Message struct {
	Purpose  string
	Key      string // the same for every try
	Code     string // of the incident: its page is Link + "/a/" + Code; empty: there is no one incident
	Link     string // the console's address, with http:// or https://; empty: none
	Cluster  string
	Level    string // critical, important, notice; task: by the task's own rule
	Cause    string // the root in a few words; of a failure: who was not reached, and why
	Affected int    // batches that wait for what it is about
	Alerts   []Alert
	OpenedAt time.Time // of the incident; zero: the time of the first alert
	Now      time.Time // in the cluster's zone, which all times are shown in
	Rule     string    // by which this recipient is told, in words of the language
	Others   []string  // who else is told, with the channel

	OnDuty    string
	RequestID string
	Lasted    time.Duration // of an incident that is over
}

// Alert is one of those that a message tells of, newest last.
type Alert struct {
	ID       int64
	Kind     string // one of the table's, external.*, or one that nobody knows
	Level    string
	Object   string // what it is about: task/workNo.run, a host, a path, a service, …
	Task     string
	Title    string // of the task
	WorkNo   string
	Project  string
	Owner    string
	Text     string // as it was recorded, English
	Host     string
	Attempt  int
	ExitCode int
	At       time.Time
	Why      []string // what stands in its way, in the recipient's language, worst first
	LogTail  []string // the last lines of its log
	Took     time.Duration
	Usual    time.Duration
}

// Text is a message as one channel carries it. Every channel has Plain, mails
// have all three.
type Text struct {
	Subject string // one line
	Plain   string
	HTML    string
}

// Chinese is the language code of Chinese; any other language is English.
const Chinese = "zh"

// Render says a message on a channel, in a language. It never fails: what does
// not fit is shortened or counted.
func Render(channel rule.Channel, lang string, m Message) Text {
	w := newWriter(lang, m)
	switch channel {
	case rule.SMS:
		return Text{Plain: w.sms()}
	case rule.Phone:
		return Text{Plain: w.phone()}
	case rule.Mail:
		return w.mail()
	case rule.Webhook:
	}
	return Text{Plain: w.webhook()}
}
