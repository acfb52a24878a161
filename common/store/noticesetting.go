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
	var out []setting
	for _, channel := range []struct{ name, gets, chinese string }{
		{"phone", "calls a person", "每人每小时最多接到的电话数"}, {"sms", "short messages a person", "每人每小时最多收到的短信数"},
		{"mail", "alert mails a person", "每人每小时最多收到的告警邮件数"}, {"webhook", "messages a chat group", "每个群每小时最多收到的消息数"},
	} {
		l := NoticeLimits()[channel.name]
		out = append(out, setting{
			l.Key, strconv.Itoa(l.Default), UnitMessages, channel.gets + " gets in an hour; more leave in digests, critical ones always leave",
			channel.chinese + "；超出的合并为摘要发送，严重告警始终发送",
		})
	}
	return append(out, setting{
		SettingNoticeLanguage, "en", "", "language of messages to chat groups, addresses and users who have chosen none: en or zh",
		"发给群、地址以及未选择语言的用户的消息所用语言：en 或 zh",
	})
}
