package rule

import "capricornus/common/task"

// Levels of alerts, as they are recorded. What is none of them counts as a notice.
const (
	Critical  = "critical"
	Important = "important"
	Notice    = "notice"
	ByTask    = "task" // by the task's own rule alone
)

// Person is an enabled user.
type Person struct {
	Name, Title, Department string
	Phone, Mail             string // empty: none
	Lang                    string // zh or en; empty: as the cluster speaks
	Admin                   bool   // of role admin or superadmin
}

// address is where a person is reached on a channel; empty: nowhere.
func (p Person) address(c Channel) string {
	if c == Mail {
		return p.Mail
	}
	return p.Phone
}

// OnDuty is who is on duty for a department, by user name; empty: nobody.
type OnDuty struct{ Primary, Secondary string }

// Task is what the rules of a task go by.
type Task struct {
	Name       string
	Owner      string
	Department string // the owner's; empty: none
	Priority   int    // 0 is the most urgent, 9 the least
	Alerts     task.Alerts
	SMSRight   []string // names of users
	MailRight  []string
}

// Question is an alert, and everybody who may be told of it.
type Question struct {
	Level      string
	Task       *Task    // nil: administrators only; with level ByTask: a task that is gone
	Platform   OnDuty   // for the department of setting platform_department
	Department OnDuty   // for the department of the task's owner
	People     []Person // at least everybody whom the rules name; each once
	Disabled   []string // those whom the rules name who are users and not enabled
}

// Told is one person or address that is told on one channel.
type Told struct {
	Person  Person // no name: a receiver of the task's that is no user
	Address string // a number, or a mail address
	Channel Channel
	Rule    Rule // the first that reached the address on this channel
}

// Untold is somebody who would be told and cannot be.
type Untold struct {
	Who     string // a user, or what the task lists; empty: the rule has found nobody
	Channel Channel
	Rule    Rule
	Why     Reason
}
