package e2e_test

import (
	"bufio"
	"encoding/json"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"capricornus/common/store/storetest"
	"capricornus/common/wire"
)

// said is a message as the file of capri dev has it.
type said struct {
	Channel, Key, Address, Lang, Level, Subject, Text, HTML string
}

// told reads what people have been told so far.
func (s *site) told() (out []said) {
	s.Helper()
	file, err := os.Open(s.path("data", "alerts.jsonl"))
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		s.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var m said
		if json.Unmarshal(lines.Bytes(), &m) == nil { // the last line may be half there
			out = append(out, m)
		}
	}
	return out
}

// TestPeopleAreTold goes the way of somebody on duty: an alarm comes, in Chinese,
// it is looked at, acknowledged and traced to who was told; a silence keeps the
// next one.
func TestPeopleAreTold(t *testing.T) {
	t.Parallel()
	s := newSite(t, storetest.SQLite)
	s.dev("--demo", "none")
	s.capri("department", "add", "ops", "--reason", "the platform's")
	s.capri("user", "set", "admin", "--mail", "admin@example.com", "--phone", "13800000001", "--lang", "zh", "--department", "ops", "--reason", "on duty")
	s.capri("setting", "set", "platform_department", "ops", "--reason", "who is on duty")
	s.capri("duty", "set", "ops", time.Now().UTC().Format("20060102"), "--primary", "admin", "--reason", "on duty")

	s.wants("a test", s.capri("alert", "test", "--channel", "mail"), "admin@example.com")
	s.capri("alert", "raise", "disk", "nas", "the disk is full", "--level", "critical")
	byChannel := map[string]said{}
	s.await("a call, a short message and a mail", func() bool {
		for _, m := range s.told() {
			if m.Level == "critical" {
				byChannel[m.Channel] = m
			}
		}
		return len(byChannel) == 3
	})
	mail, sms, phone := byChannel["mail"], byChannel["sms"], byChannel["phone"]
	if mail.Address != "admin@example.com" || sms.Address != "13800000001" || phone.Address != "13800000001" || mail.Lang != "zh" {
		s.Fatalf("got %+v, want the mail, the short message and the call", byChannel)
	}
	code, _, _ := strings.Cut(mail.Key, "-")
	s.wants("the mail", mail.Subject+mail.Text, "[调度][严重]", "the disk is full", code)
	s.wants("the short message", sms.Text, "【调度】严重", "/a/"+code)

	open := show[wire.IncidentList](s, "incident", "list", "--level", "critical")
	if len(open.Items) != 1 || open.Items[0].Code != code {
		s.Fatalf("got %+v, want the incident %s", open.Items, code)
	}
	s.wants("ack", s.try("alert", "ack", code, "--note", "I look").String(), "exit code 0", code)
	s.wants("incident", s.capri("incident", "show", code), "nas", "admin", "I look", "sent")
	alert := show[wire.AlertList](s, "alert", "list", "--incident", code).Items[0]
	s.wants("deliveries", s.capri("alert", "deliveries", strconv.FormatInt(alert.ID, 10)), "phone", "sms", "mail", "sent")

	s.capri("alert", "silence", "add", "--kind", "external.disk", "--for", "1h", "--reason", "it is replaced")
	quiet := show[wire.RaiseAlertReply](s, "alert", "raise", "disk", "other", "the other is full", "--level", "critical")
	s.await("the silence to be noted", func() bool {
		for _, a := range show[wire.AlertList](s, "alert", "list", "--kind", "external.disk").Items {
			if a.ID == quiet.ID && a.Silence != 0 {
				return true
			}
		}
		return false
	})
	s.wants("deliveries", s.try("alert", "deliveries", strconv.FormatInt(quiet.ID, 10)).String(), "silence")
}
