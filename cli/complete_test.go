package cli

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"capricornus/common/fault"
	"capricornus/common/wire"
)

// proposed are the words that a shell is given, and what it may do with them.
func proposed(t *testing.T, s session, args ...string) (words []string, directive string) {
	t.Helper()
	got := s.run(t, append([]string{"__complete"}, args...)...)
	for line := range strings.Lines(got.out) {
		if word, of := strings.CutPrefix(strings.TrimSpace(line), ":"); of {
			directive = word
		} else {
			words = append(words, strings.TrimSpace(line))
		}
	}
	return words, directive
}

func TestCompletionProposesWhatThereIs(t *testing.T) {
	task := func(name string) wire.TaskSummary { return wire.TaskSummary{Name: name} }
	m := newMaster(t, map[string]any{
		"GET /tasks": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			list := wire.TaskList{Items: []wire.TaskSummary{task("dwd_access_d"), task("dws_user_w")}, Next: "2"}
			if r.URL.Query().Get("cursor") == "2" {
				list = wire.TaskList{Items: []wire.TaskSummary{task("ods_access_h")}}
			}
			answerJSON(w, list)
		}),
		"GET /batches":     wire.BatchList{Items: []wire.Batch{{Task: "dwd_access_d", WorkNo: "20150519"}, {Task: "dwd_access_d", WorkNo: "20150518", Run: 1}, {Task: "dwd_access_d", WorkNo: "20150518"}}},
		"GET /hosts":       wire.HostList{Items: []wire.Host{{Host: "w1"}, {Host: "w2"}}},
		"GET /projects":    wire.ProjectList{Items: []wire.Project{{Name: "weblog"}, {Name: "pay"}}},
		"GET /services":    wire.ServiceList{Items: []wire.Service{{Name: "dependencies"}}},
		"GET /settings":    wire.SettingList{Items: []wire.Setting{{Key: "latest_schedule_time"}}},
		"GET /users":       wire.UserList{Items: []wire.User{{Name: "ann"}, {Name: "bob"}}},
		"GET /accounts":    wire.AccountList{Items: []wire.Account{{Name: "etl"}}},
		"GET /departments": wire.DepartmentList{Items: []wire.Department{{Name: "dw"}}},
		"GET /incidents":   wire.IncidentList{Items: []wire.Incident{{Code: "x7k2", Level: "important", Root: "/raw/pay"}}},
		"GET /silences":    wire.SilenceList{Items: []wire.Silence{{ID: 9, Kind: "worker-lost"}}},
		"GET /tokens":      wire.TokenList{Items: []wire.Token{{ID: 17, Name: "loader"}}},
		"GET /operations":  wire.OperationList{Items: []wire.Operation{{ID: 7, Kind: "rerun", State: "running"}}},
	})
	s, _ := homed(t, both(m.URL, m.URL))
	const noFiles, noSpace, files = "4", "6", "0"
	for args, want := range map[string]struct{ words, directive string }{
		"task get ":                           {"dwd_access_d dws_user_w ods_access_h", noFiles},
		"task get dw":                         {"dwd_access_d dws_user_w", noFiles},
		"task get dwd_access_d ":              {"", noFiles},
		"batch why dwd":                       {"dwd_access_d/", noSpace},
		"batch why dwd_access_d/":             {"dwd_access_d/20150519 dwd_access_d/20150518", noFiles},
		"batch wait dws_user_w/1 dwd_acc":     {"dwd_access_d/", noSpace},
		"batch mark dwd_access_d/1 succ":      {"success", noSpace},
		"quality set dwd_access_d/1 ":         {"run block", noFiles},
		"host off ":                           {"w1 w2", noFiles},
		"project hold w":                      {"weblog", noFiles},
		"service run ":                        {"dependencies", noFiles},
		"setting get ":                        {"latest_schedule_time", noFiles},
		"setting set latest_schedule_time ":   {"", noFiles},
		"context use ":                        {"test prod", noFiles},
		"user get ":                           {"ann bob", noFiles},
		"user add ":                           {"", noFiles},
		"account grant etl b":                 {"bob", noFiles},
		"account revoke ":                     {"etl", noFiles},
		"department rename ":                  {"dw", noFiles},
		"project member add weblog ":          {"ann bob", noFiles},
		"duty now ":                           {"dw", noFiles},
		"duty set d":                          {"dw", noFiles},
		"duty set dw 20150521 --primary a":    {"ann", noFiles},
		"duty rotation set dw ann ":           {"ann bob", noFiles},
		"duty import ":                        {"", files},
		"token revoke ":                       {"17\tloader", noFiles},
		"alert ack ":                          {"x7k2\timportant, /raw/pay", noFiles},
		"incident show x":                     {"x7k2\timportant, /raw/pay", noFiles},
		"alert silence end ":                  {"9\tkind worker-lost", noFiles},
		"alert silence add --task ods":        {"ods_access_h", noFiles},
		"incident list --root th":             {"third", noFiles},
		"op watch ":                           {"7\trerun, running", noFiles},
		"host list --context p":               {"prod", noFiles},
		"batch list --project ":               {"weblog pay", noFiles},
		"batch list --task ods":               {"ods_access_h", noFiles},
		"coldstart --tasks dwd_access_d,od":   {"dwd_access_d,ods_access_h", noFiles},
		"coldstart --exclude dwd_access_d,od": {"dwd_access_d,ods_access_h", noFiles},
		"batch rerun dwd --exclude ods_access_h,dwd_access_d/": {"ods_access_h,dwd_access_d/20150519 ods_access_h,dwd_access_d/20150518", noFiles},
		"coldstart --period d":                                 {"day", noFiles},
		"coldstart --mode ":                                    {"all missing", noFiles},
		"batch rerun dwd --cascade l":                          {"logic", noFiles},
		"token add x --scope f":                                {"facts", noFiles},
		"user add x --role vi":                                 {"viewer", noFiles},
		"host list --token-file ":                              {"", files},
		"task lint ":                                           {"", files},
	} {
		words := strings.Split(args, " ")
		got, directive := proposed(t, s, words...)
		if wanted := strings.FieldsFunc(want.words, func(r rune) bool { return r == ' ' }); !slices.Equal(got, wanted) && strings.Join(got, " ") != want.words || directive != want.directive {
			t.Errorf("%q: got %q, :%s, want %q, :%s", args, got, directive, want.words, want.directive)
		}
	}
}

func TestCompletionIsSilentWhenItFails(t *testing.T) {
	refusing := newMaster(t, map[string]any{"GET /tasks": problem(fault.Unauthed, http.StatusUnauthorized, "no such token")})
	gone := session{environ: map[string]string{"CAPRI_ADDR": "http://127.0.0.1:1"}}
	for name, s := range map[string]session{"Refused": at(refusing), "Gone": gone, "Nowhere": nowhere(t)} {
		got := s.run(t, "__complete", "task", "get", "")
		if got.code != exitDone || got.out != ":4\n" || strings.Contains(got.err, "capri:") {
			t.Errorf("%s: got %+v, want no words and no complaint", name, got)
		}
	}
}

func TestCompletionScripts(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish"} {
		if got := nowhere(t).run(t, "completion", shell); got.code != exitDone || !strings.Contains(got.out, "__complete") || got.err != "" {
			t.Errorf("%s: got %d, %q and %d bytes, want a script that asks capri", shell, got.code, got.err, len(got.out))
		}
	}
}
