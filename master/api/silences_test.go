package api

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"capricornus/common/fault"
	"capricornus/common/store/storetest"
	"capricornus/common/wire"
)

const pathSilences = "/api/v1/silences"

// in is an instant so many minutes from now.
func (r *rig) in(minutes int64) int64 { return r.world.DB.Now().UnixMilli() + minutes*60_000 }

func TestSilencesBeginAndEnd(t *testing.T) {
	t.Parallel()
	troubledEngines(t, silencesBeginAndEnd)
}

func silencesBeginAndEnd(t *testing.T, r *troubled) {
	t.Helper()
	var kind, task wire.SilenceReply
	r.must(http.MethodPost, pathSilences, "operator", wire.SilenceRequest{Kind: "worker-lost", Object: "w*", Reason: "moving house", EndsAt: r.in(60)}, &kind)
	r.must(http.MethodPost, pathSilences, "operator", wire.SilenceRequest{Task: "mine", Project: "web", Reason: "known", EndsAt: r.in(90)}, &task)
	if !kind.Changed || !kind.Active || kind.Author != "admin" || kind.Object != "w*" || task.Task != "mine" || task.Project != "web" || r.noticed.Load() != 2 {
		t.Errorf("got %+v and %+v, told %d times, want both to go on", kind, task, r.noticed.Load())
	}
	var list wire.SilenceList
	r.must(http.MethodGet, pathSilences+"?limit=1", "viewer", nil, &list)
	if len(list.Items) != 1 || list.Items[0] != task.Silence || list.Next == "" {
		t.Errorf("got %+v, want the newest", list)
	}
	end := fmt.Sprintf("%s/%d/end", pathSilences, kind.ID)
	var ended wire.SilenceReply
	r.must(http.MethodPost, end, "operator", wire.ReasonRequest{Reason: "moved"}, &ended)
	if !ended.Changed || ended.Active || ended.EndedBy != "admin" || ended.EndsAt >= kind.EndsAt || r.noticed.Load() != 3 {
		t.Errorf("got %+v, told %d times, want it over", ended, r.noticed.Load())
	}
	r.must(http.MethodPost, end, "operator", struct{}{}, &ended)
	if ended.Changed || r.noticed.Load() != 3 {
		t.Errorf("got %+v, want nothing done", ended)
	}
	r.wantRows("silence.put", `"after":{"id":%,"kind":"worker-lost","object":"w*","reason":"moving house"`, `"task":"mine","project":"web"`)
	r.wantRows("silence.end", `"active":false},"before":{%"active":true},"reason":"moved"`)
	for query, want := range map[string]int{"": 1, "?ended=true": 2, "?ended=true&cursor=" + cursorOf(jsonNumber(task.ID)): 1} {
		r.must(http.MethodGet, pathSilences+query, "viewer", nil, &list)
		if len(list.Items) != want {
			t.Errorf("%s: got %+v, want %d", query, list, want)
		}
	}
}

func TestWhoMaySilence(t *testing.T) {
	t.Parallel()
	r := newTroubled(t, storetest.SQLite)
	r.must(http.MethodPost, root+"/departments", "superadmin", wire.NameRequest{Name: "sales"}, nil)
	r.person("dan", "developer", "data")
	r.person("eve", "developer", "sales")
	dan, eve := r.loginToken("dan"), r.loginToken("eve")
	ofTask := wire.SilenceRequest{Task: "mine", Reason: "known", EndsAt: r.in(60)}
	var own, kind wire.SilenceReply
	r.must(http.MethodPost, pathSilences, dan, ofTask, &own)
	r.must(http.MethodPost, pathSilences, "operator", wire.SilenceRequest{Kind: "worker-lost", Reason: "known", EndsAt: r.in(60)}, &kind)
	endOf := func(s wire.SilenceReply) string { return fmt.Sprintf("%s/%d/end", pathSilences, s.ID) }
	for _, c := range []struct {
		path, token string
		body        any
	}{
		{pathSilences, eve, ofTask},
		{pathSilences, dan, wire.SilenceRequest{Project: "web", Reason: "known", EndsAt: r.in(60)}},
		{pathSilences, dan, wire.SilenceRequest{Kind: "worker-lost", Reason: "known", EndsAt: r.in(60)}},
		{pathSilences, "viewer", ofTask},
		{endOf(own), eve, struct{}{}},
		{endOf(kind), dan, struct{}{}},
	} {
		if p := r.problem(http.MethodPost, c.path, c.token, c.body); p.Code != string(fault.Forbidden) {
			t.Errorf("%s %+v: got %+v, want FORBIDDEN", c.path, c.body, p)
		}
	}
	r.must(http.MethodPost, endOf(own), dan, struct{}{}, nil)
}

func TestBadSilencesAreRefused(t *testing.T) {
	t.Parallel()
	r := newTroubled(t, storetest.SQLite)
	r.must(http.MethodPost, root+"/departments", "superadmin", wire.NameRequest{Name: "sales"}, nil)
	r.apply("apiVersion: capri/v1\nkind: Project\nmetadata: {name: other}\n")
	for name, c := range map[string]struct {
		change func(*wire.SilenceRequest)
		code   fault.Code
		says   string
	}{
		"Everything":    {func(q *wire.SilenceRequest) { q.Kind = "" }, fault.Invalid, "nothing silences everything"},
		"EveryObject":   {func(q *wire.SilenceRequest) { q.Object = "*" }, fault.Invalid, "leave it out"},
		"NoReason":      {func(q *wire.SilenceRequest) { q.Reason = " " }, fault.Invalid, "reason is"},
		"LongReason":    {func(q *wire.SilenceRequest) { q.Reason = strings.Repeat("长", 401) }, fault.Invalid, "reason is"},
		"NoEnd":         {func(q *wire.SilenceRequest) { q.EndsAt = 0 }, fault.Invalid, "an instant to come"},
		"Past":          {func(q *wire.SilenceRequest) { q.EndsAt = r.in(-1) }, fault.Invalid, "an instant to come"},
		"ForGood":       {func(q *wire.SilenceRequest) { q.EndsAt = r.in(31 * 24 * 60) }, fault.Invalid, "30 days"},
		"LongKind":      {func(q *wire.SilenceRequest) { q.Kind = strings.Repeat("k", 41) }, fault.Invalid, "kind is"},
		"ObjectOfLines": {func(q *wire.SilenceRequest) { q.Object = "a\nb" }, fault.Invalid, "object is"},
		"NoTask":        {func(q *wire.SilenceRequest) { q.Task = "ghost" }, fault.NotFound, "ghost"},
		"NoProject":     {func(q *wire.SilenceRequest) { q.Project = "ghost" }, fault.NotFound, "ghost"},
		"OfAnother":     {func(q *wire.SilenceRequest) { q.Task, q.Project = "mine", "other" }, fault.Invalid, "nothing would be silenced"},
	} {
		q := wire.SilenceRequest{Kind: "worker-lost", Reason: "known", EndsAt: r.in(60)}
		c.change(&q)
		if p := r.problem(http.MethodPost, pathSilences, "operator", q); p.Code != string(c.code) || !strings.Contains(p.Detail, c.says) {
			t.Errorf("%s: got %+v, want %s and %q", name, p, c.code, c.says)
		}
	}
	if p := r.problem(http.MethodPost, pathSilences+"/77/end", "operator", struct{}{}); p.Code != string(fault.NotFound) {
		t.Errorf("got %+v, want no such silence", p)
	}
	if n := r.count("SELECT COUNT(*) FROM capri_silence"); n != 0 || r.noticed.Load() != 0 {
		t.Errorf("got %d silences, want none", n)
	}
	for i := range 500 {
		r.world.Change("INSERT INTO capri_silence (id, kind, object, taskId, projectId, reason, author, createdAt, endsAt, endedBy, reopenedAt) VALUES (?, 'x', '', 0, 0, 'r', 'admin', 1, ?, '', 0)", 1_000_000+i, r.in(60))
	}
	if p := r.problem(http.MethodPost, pathSilences, "operator", wire.SilenceRequest{Kind: "x", Reason: "one more", EndsAt: r.in(60)}); p.Code != string(fault.Conflict) {
		t.Errorf("got %+v, want no more than 500 at once", p)
	}
}

func TestTemplatesToRegister(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	find := func(query string) (wire.SMSTemplateList, wire.SMSTemplate) {
		var list wire.SMSTemplateList
		r.must(http.MethodGet, pathAlerts+"/templates?"+query, "viewer", nil, &list)
		for _, item := range list.Items {
			if item.Code == "batch-failed.task" {
				return list, item
			}
		}
		t.Fatalf("%s: got %+v, want that of failed batches", query, list)
		return list, wire.SMSTemplate{}
	}
	list, plain := find("")
	if list.Lang != "zh" || list.Signature != "" || plain.Text != "【调度】告警：${task}批次${no}于${time}失败，影响${affected}个下游 ${link}/a/${code}" || len(plain.Variables) != 6 {
		t.Errorf("got %+v, want it as messages are made", plain)
	}
	list, huawei := find("provider=huawei&link=a.example.cn")
	if want := "告警：${TXT_20}批次${TXT_15}于${TXT_5}失败，影响${TXT_5}个下游 a.example.cn/a/${TXT_12}"; list.Signature != "调度" || huawei.Text != want || len(huawei.Variables) != 5 {
		t.Errorf("got %+v, want %s and the signature apart", huawei, want)
	}
	for _, item := range list.Items {
		if strings.Contains(item.Text+item.Unlinked, "【") || strings.Contains(item.Text+item.Unlinked, "${l") {
			t.Errorf("got %+v, want no signature and no variable address", item)
		}
	}
	if _, english := find("lang=en"); !strings.HasPrefix(english.Text, "Alert: ${task}/${no} ") {
		t.Errorf("got %+v, want English", english)
	}
	for _, query := range []string{"provider=acme", "lang=fr", "link=a%20b"} {
		if p := r.problem(http.MethodGet, pathAlerts+"/templates?"+query, "viewer", nil); p.Code != string(fault.Invalid) {
			t.Errorf("%s: got %+v, want it refused", query, p)
		}
	}
}
