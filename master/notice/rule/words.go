package rule

// Rule is why somebody is told.
type Rule string

// The rules.
const (
	OwnerOnly          Rule = "owner-only"
	DefaultDepartment  Rule = "default-department"
	OwnerForDepartment Rule = "owner-for-department" // who has none
	DefaultDuty        Rule = "default-duty"
	SMSRight           Rule = "sms-right"
	MailRight          Rule = "mail-right"
	Auxiliary          Rule = "auxiliary"
	PhoneSwitch        Rule = "phone-switch"
	AdminsPrimary      Rule = "admins-primary"
	AdminsSecondary    Rule = "admins-secondary"
	AdminsMail         Rule = "admins-mail"
	AdminsInstead      Rule = "admins-instead" // of a task's people, of whom nobody can be told
)

// Rules are all of them, administrators' first.
func Rules() []Rule {
	return []Rule{
		AdminsPrimary, AdminsSecondary, AdminsMail, AdminsInstead, OwnerOnly, DefaultDepartment, OwnerForDepartment, DefaultDuty, SMSRight, MailRight,
		PhoneSwitch, Auxiliary,
	}
}

// Reason is why somebody is not told.
type Reason string

// The reasons.
const (
	NoNumber        Reason = "no-number"
	NoMail          Reason = "no-mail"
	Disabled        Reason = "disabled"
	NoUser          Reason = "no-user"
	NotANumber      Reason = "not-a-number"
	NotAMail        Reason = "not-a-mail"
	NobodyOnDuty    Reason = "nobody-on-duty"
	SamePerson      Reason = "same-person"
	NoDepartment    Reason = "no-department"
	EmptyDepartment Reason = "empty-department"
	NobodyListed    Reason = "nobody-listed"
	TaskGone        Reason = "task-gone"
	NoAdministrator Reason = "no-administrator"
)

// Reasons are all of them.
func Reasons() []Reason {
	return []Reason{
		NoNumber, NoMail, Disabled, NoUser, NotANumber, NotAMail, NobodyOnDuty, SamePerson, NoDepartment, EmptyDepartment, NobodyListed, TaskGone, NoAdministrator,
	}
}

// words are a sentence's part in both languages.
type words struct{ en, zh string }

func (w words) in(lang string) string {
	if lang == "zh" {
		return w.zh
	}
	return w.en
}

// In says in a few words what makes somebody a recipient; lang is zh or en.
// What is no rule is returned as it is.
func (r Rule) In(lang string) string {
	if w := r.words(); w.en != "" {
		return w.in(lang)
	}
	return string(r)
}

func (r Rule) words() words {
	switch r {
	case OwnerOnly:
		return words{"owner of the task, told alone", "任务负责人（仅通知负责人）"}
	case DefaultDepartment:
		return words{"in the owner's department", "负责人所在部门（默认规则）"}
	case OwnerForDepartment:
		return words{"owner of the task, who has no department", "任务负责人（未归属部门）"}
	case DefaultDuty:
		return words{"on duty for the owner's department", "负责人部门值班人（默认规则）"}
	case SMSRight:
		return words{"has the SMS right of the task", "有该任务的短信告警权限"}
	case MailRight:
		return words{"has the mail right of the task", "有该任务的邮件告警权限"}
	case Auxiliary:
		return words{"listed in the task", "任务的辅助接收人"}
	case PhoneSwitch:
		return words{"listed for phone calls in the task", "任务的电话接收人"}
	case AdminsPrimary:
		return words{"primary on duty for the platform", "平台主值班"}
	case AdminsSecondary:
		return words{"secondary on duty for the platform", "平台备值班"}
	case AdminsMail:
		return words{"administrator of the platform", "平台管理员"}
	case AdminsInstead:
		return words{"administrator, since none of the task's people can be told", "平台管理员（该任务无人可通知）"}
	}
	return words{}
}

// In says why somebody is not told; lang is zh or en. What is no reason is
// returned as it is.
func (r Reason) In(lang string) string {
	if w := r.words(); w.en != "" {
		return w.in(lang)
	}
	return string(r)
}

func (r Reason) words() words {
	switch r {
	case NoNumber:
		return words{"has no phone number", "没有电话号码"}
	case NoMail:
		return words{"has no mail address", "没有邮箱地址"}
	case Disabled:
		return words{"is disabled", "用户已停用"}
	case NoUser:
		return words{"is no user", "用户不存在"}
	case NotANumber:
		return words{"is neither a user nor a phone number", "既不是用户也不是电话号码"}
	case NotAMail:
		return words{"is neither a user nor a mail address", "既不是用户也不是邮箱地址"}
	case NobodyOnDuty:
		return words{"nobody is on duty", "无人值班"}
	case SamePerson:
		return words{"is primary and secondary at once", "主备值班为同一人"}
	case NoDepartment:
		return words{"the owner has no department", "负责人未归属部门"}
	case EmptyDepartment:
		return words{"the department has no enabled user", "部门没有启用的用户"}
	case NobodyListed:
		return words{"nobody is listed", "未配置接收人"}
	case TaskGone:
		return words{"the task is not known any more", "任务已不存在"}
	case NoAdministrator:
		return words{"no administrator is enabled", "没有启用的管理员"}
	}
	return words{}
}
