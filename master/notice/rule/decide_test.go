package rule_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"capricornus/common/task"
	"capricornus/master/notice/rule"
)

// said is what Decide says, a line for each recipient with its rule, and for
// each who is none with the reason.
func said(q rule.Question) string {
	var out []string
	told, untold := rule.Decide(q)
	for _, to := range told {
		out = append(out, fmt.Sprintf("%s %s by %s", to.Channel, to.Address, to.Rule))
	}
	for _, u := range untold {
		out = append(out, fmt.Sprintf("not %s %s by %s: %s", u.Channel, u.Who, u.Rule, u.Why))
	}
	return strings.Join(out, "\n")
}

// TestWhoIsTold has the rules of domain.md §10 as rows that can be read.
func TestWhoIsTold(t *testing.T) {
	t.Parallel()
	ops := rule.OnDuty{Primary: "pri", Secondary: "sec"}
	data := rule.OnDuty{Primary: "cai", Secondary: "ann"}
	of := func(priority int, alerts task.Alerts) *rule.Task {
		return &rule.Task{Name: "t", Owner: "ann", Department: "data", Priority: priority, Alerts: alerts, SMSRight: []string{"dan"}, MailRight: []string{"eve"}}
	}
	standard := task.Alerts{Default: true}
	for name, c := range map[string]struct {
		q    rule.Question
		want []string
	}{
		"CriticalCallsAndTextsBothOnDutyAndMailsAllAdministrators": {
			rule.Question{Level: "critical", Platform: ops},
			[]string{
				"phone tel-pri by admins-primary", "phone tel-sec by admins-secondary", "sms tel-pri by admins-primary", "sms tel-sec by admins-secondary",
				"mail adm@x by admins-mail", "mail pri@x by admins-mail",
			},
		},
		"ImportantTextsBothOnDutyAndMailsAllAdministrators": {
			rule.Question{Level: "important", Platform: ops},
			[]string{"sms tel-pri by admins-primary", "sms tel-sec by admins-secondary", "mail adm@x by admins-mail", "mail pri@x by admins-mail"},
		},
		"ANoticeMailsAllAdministrators": {
			rule.Question{Level: "notice", Platform: ops},
			[]string{"mail adm@x by admins-mail", "mail pri@x by admins-mail"},
		},
		"NobodyOnDutyIsSaid": {
			rule.Question{Level: "important"},
			[]string{"mail adm@x by admins-mail", "mail pri@x by admins-mail", "not sms  by admins-primary: nobody-on-duty", "not sms  by admins-secondary: nobody-on-duty"},
		},
		"TheSamePersonTwiceIsToldOnceAndSaid": {
			rule.Question{Level: "important", Platform: rule.OnDuty{Primary: "pri", Secondary: "pri"}},
			[]string{"sms tel-pri by admins-primary", "mail adm@x by admins-mail", "mail pri@x by admins-mail", "not sms pri by admins-secondary: same-person"},
		},
		"DefaultAtPriority4": {
			rule.Question{Level: "task", Task: of(4, standard), Platform: ops, Department: data},
			[]string{
				"sms tel-cai by default-duty", "sms tel-dan by sms-right",
				"mail adm@x by default-department", "mail ann@x by default-department", "mail bob@x by default-department", "mail dan@x by sms-right", "mail eve@x by mail-right",
				"not mail cai by default-department: no-mail",
			},
		},
		"DefaultAtPriority5": {
			rule.Question{Level: "task", Task: of(5, standard), Platform: ops, Department: data},
			[]string{
				"mail adm@x by default-department", "mail ann@x by default-department", "mail bob@x by default-department", "mail eve@x by mail-right",
				"not mail cai by default-department: no-mail",
			},
		},
		"ListsAreAddedToTheDefaultRule": {
			rule.Question{Level: "task", Department: data, Task: of(9, task.Alerts{Default: true, Phone: task.PhoneAlert{Enabled: true, To: []string{"eve"}}, SMS: []string{"10086"}, Mail: []string{"dan"}})},
			[]string{
				"phone tel-eve by phone-switch", "sms 10086 by auxiliary",
				"mail adm@x by default-department", "mail ann@x by default-department", "mail bob@x by default-department", "mail dan@x by auxiliary", "mail eve@x by mail-right",
				"not mail cai by default-department: no-mail",
			},
		},
		"ListsAreAloneWhereTheDefaultRuleIsOff": {
			rule.Question{Level: "task", Department: data, Task: of(0, task.Alerts{Phone: task.PhoneAlert{To: []string{"eve"}}, SMS: []string{"bob", "dan"}, Mail: []string{"team@y"}})},
			[]string{"sms tel-dan by auxiliary", "mail team@y by auxiliary", "not sms bob by auxiliary: no-number"},
		},
		"OwnerOnlyWinsOverAll": {
			rule.Question{Level: "task", Department: data, Task: of(0, task.Alerts{
				Default: true, OwnerOnly: true, Phone: task.PhoneAlert{Enabled: true, To: []string{"eve"}}, SMS: []string{"10086"}, Mail: []string{"dan"},
			})},
			[]string{"sms tel-ann by owner-only", "mail ann@x by owner-only"},
		},
		"OwnerOnlyIsMailAloneAtPriority5": {
			rule.Question{Level: "task", Task: of(5, task.Alerts{Default: true, OwnerOnly: true})},
			[]string{"mail ann@x by owner-only"},
		},
		"OwnerOnlyCallsAnOwnerWhoIsListed": {
			rule.Question{Level: "task", Task: of(9, task.Alerts{OwnerOnly: true, Phone: task.PhoneAlert{Enabled: true, To: []string{"tel(ann)", "tel-ann"}}})},
			[]string{"phone tel-ann by owner-only", "mail ann@x by owner-only"},
		},
		"AnOwnerWithoutADepartmentStandsForIt": {
			rule.Question{Level: "task", Task: &rule.Task{Owner: "ann", Alerts: standard}},
			[]string{"mail ann@x by owner-for-department", "not sms  by default-duty: no-department", "not mail  by default-department: no-department"},
		},
		"AnOwnerWhoIsDisabledIsSaidAndAdministratorsAreTold": {
			rule.Question{Level: "task", Task: &rule.Task{Owner: "old", Department: "data", Alerts: task.Alerts{OwnerOnly: true}}},
			[]string{"mail adm@x by admins-instead", "mail pri@x by admins-instead", "not sms old by owner-only: disabled", "not mail old by owner-only: disabled"},
		},
		"NobodyListedIsSaidAndAdministratorsAreTold": {
			rule.Question{Level: "task", Task: of(0, task.Alerts{})},
			[]string{"mail adm@x by admins-instead", "mail pri@x by admins-instead", "not mail  by auxiliary: nobody-listed"},
		},
		"ATaskThatIsGoneIsSaidAndAdministratorsAreTold": {
			rule.Question{Level: "task"},
			[]string{"mail adm@x by admins-instead", "mail pri@x by admins-instead", "not mail  by admins-instead: task-gone"},
		},
		"ALevelAndATaskTellBoth": {
			rule.Question{Level: "important", Platform: ops, Task: of(9, task.Alerts{OwnerOnly: true})},
			[]string{"sms tel-pri by admins-primary", "sms tel-sec by admins-secondary", "mail adm@x by admins-mail", "mail ann@x by owner-only", "mail pri@x by admins-mail"},
		},
		"ALevelThatNobodyKnowsIsANotice": {
			rule.Question{Level: "grave"},
			[]string{"mail adm@x by admins-mail", "mail pri@x by admins-mail"},
		},
		"ANumberIsToldOnceHoweverItIsWritten": {
			rule.Question{Level: "task", Task: of(9, task.Alerts{SMS: []string{"138 0013-8000", "(138)00138000"}, Mail: []string{"a@B", "A@b", "a@b@c", "@b", "a@"}})},
			[]string{"sms 138 0013-8000 by auxiliary", "mail a@B by auxiliary", "not mail @b by auxiliary: not-a-mail", "not mail a@ by auxiliary: not-a-mail", "not mail a@b@c by auxiliary: not-a-mail"},
		},
	} {
		c.q.People, c.q.Disabled = everybody(), []string{"old"}
		if got := said(c.q); got != strings.Join(c.want, "\n") {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, strings.Join(c.want, "\n"))
		}
	}
}

// TestAPlatformWithoutAdministratorsIsSaid: nobody is told then, and that is said.
func TestAPlatformWithoutAdministratorsIsSaid(t *testing.T) {
	t.Parallel()
	for level, want := range map[string]string{
		"notice": "not mail  by admins-mail: no-administrator",
		"task":   "not mail  by admins-instead: no-administrator\nnot mail  by admins-instead: task-gone",
	} {
		if got := said(rule.Question{Level: level}); got != want {
			t.Errorf("%s: got %s, want %s", level, got, want)
		}
	}
}

// TestTheOrderOfPeopleDoesNotMatter: two who share an address are one recipient,
// the same one each time.
func TestTheOrderOfPeopleDoesNotMatter(t *testing.T) {
	t.Parallel()
	people := []rule.Person{{Name: "b", Mail: "team@x", Admin: true}, {Name: "a", Mail: "Team@x", Admin: true}, {Name: "c", Mail: "c@x", Admin: true}}
	first := said(rule.Question{Level: "notice", People: people})
	slices.Reverse(people)
	second := said(rule.Question{Level: "notice", People: people})
	if want := "mail Team@x by admins-mail\nmail c@x by admins-mail"; first != want || second != want {
		t.Errorf("got %s and %s, want %s", first, second, want)
	}
}

func TestWordsOfRulesAndReasons(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	check := func(code string, in func(string) string) {
		zh, en := in("zh"), in("en")
		if zh == code || en == code || zh == en || seen[zh] || seen[en] || strings.HasSuffix(en, ".") || en != in("") {
			t.Errorf("%s: got %q and %q, want words of its own in both languages, English the usual ones", code, zh, en)
		}
		seen[zh], seen[en] = true, true
	}
	for _, r := range rule.Rules() {
		check(string(r), r.In)
	}
	for _, r := range rule.Reasons() {
		check(string(r), r.In)
	}
	if rule.Rule("new").In("zh") != "new" || rule.Reason("new").In("en") != "new" {
		t.Error("got words for what is no rule, want it as it is")
	}
}
