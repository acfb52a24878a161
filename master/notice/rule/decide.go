package rule

import (
	"cmp"
	"slices"
)

// leastUrgent is the last priority that is told by SMS: 0 to 4 are, 5 to 9 are
// mailed alone (domain.md §10).
const leastUrgent = 4

// Decide says who is told of an alert and who would be and cannot be; both
// lists are sorted by channel, phone first, then by name. An address is told
// once on a channel, by the first rule that reaches it.
func Decide(q Question) ([]Told, []Untold) {
	d := newDecision(&q)
	if q.Level != ByTask {
		d.administrators(q.Level)
	}
	if q.Task != nil || q.Level == ByTask {
		d.byTask(q.Task)
	}
	slices.SortStableFunc(d.told, func(a, b Told) int {
		return cmp.Or(cmp.Compare(order(a.Channel), order(b.Channel)), cmp.Compare(a.Person.Name, b.Person.Name), cmp.Compare(a.Address, b.Address))
	})
	slices.SortStableFunc(d.untold, func(a, b Untold) int {
		return cmp.Or(cmp.Compare(order(a.Channel), order(b.Channel)), cmp.Compare(a.Who, b.Who), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Why, b.Why))
	})
	return d.told, d.untold
}

func order(c Channel) int { return slices.Index([]Channel{Phone, SMS, Mail, Webhook}, c) }

// decision gathers who is told.
type decision struct {
	q       *Question
	people  []Person // by name
	known   map[string]*Person
	reached int // whom the rules so far have reached, also those told already
	told    []Told
	untold  []Untold
	seen    map[place]bool
	missed  map[Untold]bool // by who and channel; whole where a rule finds nobody
}

// place is where somebody is reached, in the form in which places are compared.
type place struct {
	address string
	channel Channel
}

func newDecision(q *Question) *decision {
	d := &decision{q: q, people: q.People, known: make(map[string]*Person, len(q.People)), seen: make(map[place]bool, len(q.People)), missed: map[Untold]bool{}}
	byName := func(a, b Person) int { return cmp.Compare(a.Name, b.Name) }
	if !slices.IsSortedFunc(d.people, byName) {
		d.people = slices.Clone(d.people)
		slices.SortFunc(d.people, byName)
	}
	for i := range d.people {
		d.known[d.people[i].Name] = &d.people[i]
	}
	return d
}

// administrators goes by the level.
func (d *decision) administrators(level string) {
	if level == Critical {
		d.platformDuty(Phone)
	}
	if level == Critical || level == Important {
		d.platformDuty(SMS)
	}
	d.adminsByMail(AdminsMail)
}

func (d *decision) platformDuty(c Channel) {
	duty := d.q.Platform
	d.onDuty(duty.Primary, c, AdminsPrimary)
	if duty.Secondary != "" && duty.Secondary == duty.Primary {
		d.leave(Untold{duty.Secondary, c, AdminsSecondary, SamePerson})
		return
	}
	d.onDuty(duty.Secondary, c, AdminsSecondary)
}

func (d *decision) onDuty(name string, c Channel, by Rule) {
	if name == "" {
		d.leave(Untold{"", c, by, NobodyOnDuty})
		return
	}
	d.user(name, c, by)
}

func (d *decision) adminsByMail(by Rule) {
	some := false
	for i := range d.people {
		if d.people[i].Admin {
			some = true
			d.person(&d.people[i], Mail, by)
		}
	}
	if !some {
		d.leave(Untold{"", Mail, by, NoAdministrator})
	}
}

// byTask goes by a task's own rule, and tells the administrators when that
// reaches nobody.
func (d *decision) byTask(t *Task) {
	d.reached = 0
	switch {
	case t == nil:
		d.leave(Untold{"", Mail, AdminsInstead, TaskGone})
	case t.Alerts.OwnerOnly:
		d.ownerOnly(t)
	default:
		if t.Alerts.Default {
			d.defaultRule(t)
		}
		d.lists(t)
	}
	if d.reached == 0 {
		d.adminsByMail(AdminsInstead)
	}
}

func (d *decision) ownerOnly(t *Task) {
	if t.Alerts.Phone.Enabled && d.callsOwner(t) {
		d.user(t.Owner, Phone, OwnerOnly)
	}
	if t.Priority <= leastUrgent {
		d.user(t.Owner, SMS, OwnerOnly)
	}
	d.user(t.Owner, Mail, OwnerOnly)
}

// callsOwner tells whether a task lists its owner for phone calls.
func (d *decision) callsOwner(t *Task) bool {
	owner, known := d.known[t.Owner]
	return slices.ContainsFunc(t.Alerts.Phone.To, func(r string) bool {
		return r == t.Owner || known && owner.Phone != "" && plain(r, Phone) == plain(owner.Phone, Phone)
	})
}

func (d *decision) defaultRule(t *Task) {
	urgent := t.Priority <= leastUrgent
	d.department(t)
	if urgent {
		d.departmentDuty(t)
		for _, name := range t.SMSRight {
			d.user(name, SMS, SMSRight)
			d.user(name, Mail, SMSRight)
		}
	}
	for _, name := range t.MailRight {
		d.user(name, Mail, MailRight)
	}
}

func (d *decision) department(t *Task) {
	if t.Department == "" {
		d.leave(Untold{"", Mail, DefaultDepartment, NoDepartment})
		d.user(t.Owner, Mail, OwnerForDepartment)
		return
	}
	some := false
	for i := range d.people {
		if d.people[i].Department == t.Department {
			some = true
			d.person(&d.people[i], Mail, DefaultDepartment)
		}
	}
	if !some {
		d.leave(Untold{"", Mail, DefaultDepartment, EmptyDepartment})
	}
}

// departmentDuty texts the first of the two on duty who can be.
func (d *decision) departmentDuty(t *Task) {
	if t.Department == "" {
		d.leave(Untold{"", SMS, DefaultDuty, NoDepartment})
		return
	}
	some := false
	for _, name := range []string{d.q.Department.Primary, d.q.Department.Secondary} {
		if name == "" {
			continue
		}
		some = true
		if d.user(name, SMS, DefaultDuty) {
			return
		}
	}
	if !some {
		d.leave(Untold{"", SMS, DefaultDuty, NobodyOnDuty})
	}
}

// lists are the receivers that the task itself names.
func (d *decision) lists(t *Task) {
	a := t.Alerts
	if a.Phone.Enabled {
		if len(a.Phone.To) == 0 {
			d.leave(Untold{"", Phone, PhoneSwitch, NobodyListed})
		}
		for _, r := range a.Phone.To {
			d.receiver(r, Phone, PhoneSwitch)
		}
	}
	for _, r := range a.SMS {
		d.receiver(r, SMS, Auxiliary)
	}
	for _, r := range a.Mail {
		d.receiver(r, Mail, Auxiliary)
	}
	if !a.Default && len(a.SMS)+len(a.Mail) == 0 && !a.Phone.Enabled {
		d.leave(Untold{"", Mail, Auxiliary, NobodyListed})
	}
}

// receiver tells what a task lists: a user, or an address of nobody's.
func (d *decision) receiver(text string, c Channel, by Rule) {
	_, known := d.known[text]
	switch {
	case known || slices.Contains(d.q.Disabled, text):
		d.user(text, c, by)
	case isAddress(text, c):
		d.tell(Told{Address: text, Channel: c, Rule: by})
	case c == Mail:
		d.leave(Untold{text, c, by, NotAMail})
	default:
		d.leave(Untold{text, c, by, NotANumber})
	}
}

// user tells a user by name, and says whether that can be done.
func (d *decision) user(name string, c Channel, by Rule) bool {
	if p, ok := d.known[name]; ok {
		return d.person(p, c, by)
	}
	why := NoUser
	if slices.Contains(d.q.Disabled, name) {
		why = Disabled
	}
	d.leave(Untold{name, c, by, why})
	return false
}

func (d *decision) person(p *Person, c Channel, by Rule) bool {
	address := p.address(c)
	if address != "" {
		d.tell(Told{*p, address, c, by})
		return true
	}
	why := NoNumber
	if c == Mail {
		why = NoMail
	}
	d.leave(Untold{p.Name, c, by, why})
	return false
}

func (d *decision) tell(t Told) {
	d.reached++
	key := place{plain(t.Address, t.Channel), t.Channel}
	if d.seen[key] {
		return
	}
	d.seen[key] = true
	d.told = append(d.told, t)
}

func (d *decision) leave(u Untold) {
	key := Untold{Who: u.Who, Channel: u.Channel}
	if u.Who == "" || u.Why == SamePerson {
		key = u
	}
	if d.missed[key] {
		return
	}
	d.missed[key] = true
	d.untold = append(d.untold, u)
}
