package rule_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"capricornus/common/task"
	"capricornus/master/notice/rule"
)

// Everybody there is. Numbers and addresses are their names'.
func everybody() []rule.Person {
	of := func(name, department, has string, admin bool) rule.Person {
		p := rule.Person{Name: name, Department: department, Admin: admin}
		if strings.Contains(has, "p") {
			p.Phone = "tel-" + name
		}
		if strings.Contains(has, "m") {
			p.Mail = name + "@x"
		}
		return p
	}
	return []rule.Person{
		of("ann", "data", "pm", false), of("bob", "data", "m", false), of("cai", "data", "p", false),
		of("dan", "shop", "pm", false), of("eve", "shop", "pm", false), of("fay", "shop", "", false),
		of("pri", "ops", "pm", true), of("sec", "ops", "p", false), of("adm", "data", "m", true),
	}
}

// variant is a question in the words of the rules.
type variant struct {
	level                                string
	task, standard, ownerOnly            bool
	priority                             int
	phone, lists, grants, duty, platform string
	owner, department                    string
}

func (v *variant) question() rule.Question {
	q := rule.Question{Level: v.level, People: everybody(), Disabled: []string{"old"}}
	duties := map[string]rule.OnDuty{
		"none": {}, "both": {Primary: "cai", Secondary: "ann"}, "secondary": {Secondary: "ann"}, "unreachable": {Primary: "bob", Secondary: "ann"},
		"disabled": {Primary: "old", Secondary: "ann"}, "hopeless": {Primary: "bob", Secondary: "ghost"},
		"ops": {Primary: "pri", Secondary: "sec"}, "same": {Primary: "pri", Secondary: "pri"}, "without a number": {Primary: "adm", Secondary: "sec"},
	}
	q.Platform, q.Department = duties[v.platform], duties[v.duty]
	if !v.task {
		return q
	}
	t := &rule.Task{Name: "t", Owner: v.owner, Department: v.department, Priority: v.priority, Alerts: task.Alerts{Default: v.standard, OwnerOnly: v.ownerOnly}}
	t.Alerts.Phone.Enabled = strings.HasPrefix(v.phone, "on")
	switch v.phone {
	case "on, a user", "off, a user":
		t.Alerts.Phone.To = []string{"eve"}
	case "on, others":
		t.Alerts.Phone.To = []string{"+86 138-0013-8000", "ann", "old", "ghost", "fay", "13800138000"}
	}
	if v.lists == "some" {
		t.Alerts.SMS = []string{"dan", "10086", "ghost"}
		t.Alerts.Mail = []string{"dan", "team@X", "TEAM@x", "old", "team"}
	}
	if strings.Contains(v.grants, "sms") {
		t.SMSRight = []string{"dan", "fay", "old"}
	}
	if strings.Contains(v.grants, "mail") {
		t.MailRight = []string{"eve", "fay"}
	}
	q.Task = t
	return q
}

// oracle says in plain statements what Decide should say: each is "channel
// address" or "channel who: why not".
type oracle struct {
	told, untold map[string]bool
	byTask       bool // what is said now is the task's part
	reached      bool // by the task's part
}

// says that somebody is to be told, who has an address or has not.
func (o *oracle) says(channel, who string) {
	has := map[string]string{"ann": "pm", "bob": "m", "cai": "p", "dan": "pm", "eve": "pm", "fay": "", "pri": "pm", "sec": "p", "adm": "m"}
	what, isUser := has[who]
	switch {
	case who == "old":
		o.untold[channel+" old: disabled"] = true
	case !isUser:
		o.untold[channel+" "+who+": no-user"] = true
	case channel == "mail" && strings.Contains(what, "m"):
		o.address("mail", who+"@x")
	case channel != "mail" && strings.Contains(what, "p"):
		o.address(channel, "tel-"+who)
	case channel == "mail":
		o.untold["mail "+who+": no-mail"] = true
	default:
		o.untold[channel+" "+who+": no-number"] = true
	}
}

func (o *oracle) address(channel, address string) {
	o.told[channel+" "+address] = true
	o.reached = o.reached || o.byTask
}

func (o *oracle) misses(what string) { o.untold[what] = true }

func (o *oracle) allAdministrators() { // pri and adm are
	o.says("mail", "pri")
	o.says("mail", "adm")
}

func (o *oracle) administrators(v *variant) {
	var channels []string
	switch v.level {
	case "critical":
		channels = []string{"phone", "sms"}
	case "important":
		channels = []string{"sms"}
	}
	for _, c := range channels {
		switch v.platform {
		case "ops":
			o.says(c, "pri")
			o.says(c, "sec")
		case "same":
			o.says(c, "pri")
			o.misses(c + " pri: same-person")
		case "without a number":
			o.misses(c + " adm: no-number")
			o.says(c, "sec")
		case "none":
			o.misses(c + " : nobody-on-duty")
		}
	}
	o.allAdministrators()
}

func (o *oracle) theTask(v *variant) {
	urgent := v.priority < 5
	if v.ownerOnly {
		if v.phone == "on, others" { // which lists each of the owners
			o.says("phone", v.owner)
		}
		if urgent {
			o.says("sms", v.owner)
		}
		o.says("mail", v.owner)
		return
	}
	if v.standard && v.department == "data" {
		for _, who := range []string{"ann", "bob", "cai", "adm"} {
			o.says("mail", who)
		}
	}
	if v.standard && v.department == "" {
		o.misses("mail : no-department")
		o.says("mail", v.owner)
	}
	if v.standard && v.department == "empty" {
		o.misses("mail : empty-department")
	}
	if v.standard && urgent {
		o.theDuty(v)
		if strings.Contains(v.grants, "sms") {
			for _, c := range []string{"sms", "mail"} {
				for _, who := range []string{"dan", "fay", "old"} {
					o.says(c, who)
				}
			}
		}
	}
	if v.standard && strings.Contains(v.grants, "mail") {
		o.says("mail", "eve")
		o.says("mail", "fay")
	}
	o.theLists(v)
}

func (o *oracle) theDuty(v *variant) {
	if v.department == "" {
		o.misses("sms : no-department")
		return
	}
	switch v.duty {
	case "none":
		o.misses("sms : nobody-on-duty")
	case "both":
		o.says("sms", "cai")
	case "secondary":
		o.says("sms", "ann")
	case "unreachable":
		o.says("sms", "bob")
		o.says("sms", "ann")
	case "disabled":
		o.says("sms", "old")
		o.says("sms", "ann")
	case "hopeless":
		o.says("sms", "bob")
		o.says("sms", "ghost")
	}
}

func (o *oracle) theLists(v *variant) {
	switch v.phone {
	case "on, nobody":
		o.misses("phone : nobody-listed")
	case "on, a user":
		o.says("phone", "eve")
	case "on, others":
		o.address("phone", "+86 138-0013-8000")
		o.address("phone", "13800138000")
		o.says("phone", "ann")
		o.says("phone", "old")
		o.misses("phone ghost: not-a-number")
		o.says("phone", "fay")
	}
	if v.lists == "some" {
		o.says("sms", "dan")
		o.address("sms", "10086")
		o.untold["sms ghost: not-a-number"] = o.untold["sms ghost: not-a-number"] || !o.untold["sms ghost: no-user"]
		o.says("mail", "dan")
		o.address("mail", "team@X")
		o.says("mail", "old")
		o.misses("mail team: not-a-mail")
	}
	if !v.standard && v.lists == "none" && !strings.HasPrefix(v.phone, "on") {
		o.misses("mail : nobody-listed")
	}
}

func (v *variant) oracle() (told, untold []string) {
	o := oracle{told: map[string]bool{}, untold: map[string]bool{}}
	if v.level != "task" {
		o.administrators(v)
	}
	o.byTask = true
	switch {
	case v.task:
		o.theTask(v)
	case v.level == "task":
		o.misses("mail : task-gone")
	}
	if !o.reached && (v.task || v.level == "task") {
		o.allAdministrators()
	}
	maps.DeleteFunc(o.untold, func(_ string, there bool) bool { return !there })
	return slices.Sorted(maps.Keys(o.told)), slices.Sorted(maps.Keys(o.untold))
}

// variants is the product of everything that the rules go by.
func variants(visit func(*variant)) {
	both := []bool{false, true}
	for _, level := range []string{"task", "critical", "important", "notice"} {
		for _, platform := range []string{"ops", "same", "without a number", "none"} {
			if level != "task" || platform == "ops" {
				visit(&variant{level: level, platform: platform})
			}
		}
		for _, priority := range []int{0, 4, 5, 9} {
			for _, standard := range both {
				for _, ownerOnly := range both {
					for _, phone := range []string{"off", "off, a user", "on, nobody", "on, a user", "on, others"} {
						for _, grants := range []string{"", "sms", "mail", "sms+mail"} {
							for _, lists := range []string{"none", "some"} {
								v := variant{level: level, task: true, priority: priority, standard: standard, ownerOnly: ownerOnly, phone: phone, grants: grants, lists: lists}
								corners(v, visit)
							}
						}
					}
				}
			}
		}
	}
}

func corners(v variant, visit func(*variant)) {
	v.platform, v.owner, v.department, v.duty = "ops", "ann", "data", "both"
	if v.level != "task" { // which is the task's part and that of administrators
		visit(&v)
		return
	}
	for _, owner := range []string{"ann", "old", "ghost"} {
		for _, duty := range []string{"none", "both", "secondary", "unreachable", "disabled", "hopeless"} {
			v.owner, v.department, v.duty = owner, "data", duty
			visit(&v)
		}
		for _, department := range []string{"", "empty"} {
			v.department, v.duty = department, "both"
			visit(&v)
		}
	}
}

func TestEveryCombination(t *testing.T) {
	t.Parallel()
	n, bad := 0, 0
	variants(func(v *variant) {
		n++
		told, untold := rule.Decide(v.question())
		var gotTold, gotUntold []string
		for _, to := range told {
			gotTold = append(gotTold, string(to.Channel)+" "+to.Address)
			if to.Rule.In("zh") == string(to.Rule) || to.Person.Name != "" && !strings.Contains(to.Address, to.Person.Name) {
				t.Errorf("%+v: got %+v, want a rule with words and the person's address", *v, to)
			}
		}
		for _, u := range untold {
			gotUntold = append(gotUntold, fmt.Sprintf("%s %s: %s", u.Channel, u.Who, u.Why))
		}
		slices.Sort(gotTold)
		slices.Sort(gotUntold)
		wantTold, wantUntold := v.oracle()
		sameUntold := slices.Equal(slices.Compact(gotUntold), wantUntold)
		if !slices.Equal(gotTold, wantTold) || !sameUntold {
			if bad++; bad < 5 {
				t.Errorf("%+v:\ngot  %q\nwant %q\ngot  %q\nwant %q", *v, gotTold, wantTold, gotUntold, wantUntold)
			}
		}
		if len(told) == 0 {
			t.Errorf("%+v: got nobody told", *v)
		}
	})
	if n < 16_000 || bad > 0 {
		t.Errorf("got %d of %d combinations wrong, want 16000 looked at and none wrong", bad, n)
	}
}
