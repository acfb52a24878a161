package store

import "strconv"

// NoticeLimit is how many messages about one incident each a person gets in an
// hour on a channel; what is more leaves in digests, what is critical is not
// counted (domain.md §10).
type NoticeLimit struct {
	Key     string // of its setting
	Default int
}

// NoticeLimits are those of the channels.
func NoticeLimits() map[string]NoticeLimit {
	return map[string]NoticeLimit{
		"phone": {"notice_phone_per_hour", 4}, "sms": {"notice_sms_per_hour", 10}, "mail": {"notice_mail_per_hour", 30}, "webhook": {"notice_webhook_per_hour", 60},
	}
}

// SettingNoticeLanguage is the language of messages to those who have chosen
// none, and to groups and addresses, which cannot.
const SettingNoticeLanguage = "notice_language"

func noticeSettings() []setting {
	what := map[string]string{"phone": "calls a person", "sms": "short messages a person", "mail": "alert mails a person", "webhook": "messages a chat group"}
	var out []setting
	for _, channel := range []string{"phone", "sms", "mail", "webhook"} {
		l := NoticeLimits()[channel]
		out = append(out, setting{l.Key, strconv.Itoa(l.Default), what[channel] + " gets in an hour; more leave in digests, critical ones always leave"})
	}
	return append(out, setting{SettingNoticeLanguage, "en", "language of messages to chat groups, addresses and users who have chosen none: en or zh"})
}
