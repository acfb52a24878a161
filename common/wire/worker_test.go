package wire

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"capricornus/common/fault"
)

// fleet is masters by address; each answers a worker's call with a status and
// a body, or not at all when it is not there.
type fleet struct {
	answers map[string]func() (int, string)
	asked   []string
}

func (f *fleet) RoundTrip(r *http.Request) (*http.Response, error) {
	base := "http://" + r.URL.Host
	f.asked = append(f.asked, base)
	answer := f.answers[base]
	if answer == nil {
		return nil, fmt.Errorf("connect to %s: refused", base)
	}
	status, body := answer()
	recorder := httptest.NewRecorder()
	recorder.WriteHeader(status)
	if _, err := recorder.WriteString(body); err != nil {
		return nil, err
	}
	return recorder.Result(), nil
}

func answers(status int, body string) func() (int, string) {
	return func() (int, string) { return status, body }
}

func clientOf(f *fleet) *WorkerClient {
	return &WorkerClient{HTTP: &http.Client{Transport: f}, Token: "t", Masters: []string{"http://m1/", "http://m2", "http://m3"}}
}

func TestClaimFindsTheLeader(t *testing.T) {
	notLeader := answers(http.StatusMisdirectedRequest, `{"code":"NOT_LEADER","detail":"no","hint":"ask http://m3/."}`)
	unknown := answers(http.StatusMisdirectedRequest, `{"code":"NOT_LEADER"}`)
	good := answers(http.StatusOK, `{"assignments":[{"workId":7}]}`)
	tests := map[string]struct {
		answers map[string]func() (int, string)
		asked   []string
		code    fault.Code
	}{
		"ByTheHint":            {map[string]func() (int, string){"http://m1": notLeader, "http://m3": good}, []string{"http://m1", "http://m3"}, ""},
		"RoundWhenNobodyKnows": {map[string]func() (int, string){"http://m1": unknown, "http://m2": good}, []string{"http://m1", "http://m2"}, ""},
		"PastADeadMaster":      {map[string]func() (int, string){"http://m2": good}, []string{"http://m1", "http://m2"}, ""},
		"NotAfterARefusal": {
			map[string]func() (int, string){"http://m1": answers(http.StatusForbidden, "<html>"), "http://m2": good},
			[]string{"http://m1"}, fault.Forbidden,
		},
		"EachMasterOnceWhenNobodyLeads": {
			map[string]func() (int, string){"http://m1": unknown, "http://m2": unknown, "http://m3": unknown},
			[]string{"http://m1", "http://m2", "http://m3", "http://m1"}, fault.NotLeader,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := &fleet{answers: test.answers}
			reply, err := clientOf(f).Claim(t.Context(), Claim{})
			if !slices.Equal(f.asked, test.asked) {
				t.Errorf("asked %v, want %v", f.asked, test.asked)
			}
			if test.code != "" && fault.CodeOf(err) != test.code {
				t.Errorf("got error %v, want %s", err, test.code)
			}
			if test.code == "" && (err != nil || len(reply.Assignments) != 1) {
				t.Errorf("got %+v, %v, want one assignment", reply, err)
			}
		})
	}
}

func TestHeartbeatNamesTheLeaderForClaims(t *testing.T) {
	f := &fleet{answers: map[string]func() (int, string){
		"http://m1": answers(http.StatusOK, `{"leader":"http://m2"}`), "http://m2": answers(http.StatusOK, `{}`),
	}}
	c := clientOf(f)
	if _, err := c.Heartbeat(t.Context(), Heartbeat{}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Claim(t.Context(), Claim{}); err != nil || f.asked[1] != "http://m2" {
		t.Errorf("asked %v, %v, want the leader", f.asked, err)
	}
}

func TestFactsNeedOneVerdictEach(t *testing.T) {
	text, err := json.Marshal(FactsReply{Verdicts: []FactVerdict{VerdictOK}})
	if err != nil {
		t.Fatal(err)
	}
	f := &fleet{answers: map[string]func() (int, string){"http://m1": answers(http.StatusOK, string(text))}}
	if _, err := clientOf(f).Facts(t.Context(), make([]Fact, 2)); err == nil || !strings.Contains(err.Error(), "1 verdicts for 2 facts") {
		t.Errorf("got %v, want the numbers", err)
	}
}

func TestSignedCalls(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	hash := TokenHash("secret")
	const target = "/logs/1-1?offset=0"
	good := SignCall(hash, "GET", target, now)
	tests := map[string]struct {
		header, hash, method, target string
		now                          time.Time
		valid                        bool
	}{
		"AsSigned":        {good, hash, "GET", target, now, true},
		"ClocksALittle":   {good, hash, "GET", target, now.Add(time.Minute), true},
		"TooLate":         {good, hash, "GET", target, now.Add(61 * time.Second), false},
		"FromTheFuture":   {good, hash, "GET", target, now.Add(-61 * time.Second), false},
		"OtherRange":      {good, hash, "GET", "/logs/1-1?offset=9", now, false},
		"OtherMethod":     {good, hash, "PUT", target, now, false},
		"OtherToken":      {good, TokenHash("x"), "GET", target, now, false},
		"MovedInTime":     {strings.Replace(good, "1800000000", "1800000030", 1), hash, "GET", target, now, false},
		"NoHeader":        {"", hash, "GET", target, now, false},
		"TheTokenItself":  {"Bearer secret", hash, "GET", target, now, false},
		"HalfASignature":  {good[:20], hash, "GET", target, now, false},
		"NoSignatureHere": {"Capri 1800000000.", hash, "GET", target, now, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			err := VerifyCall(test.header, test.hash, test.method, test.target, test.now)
			if (err == nil) != test.valid {
				t.Errorf("got %v, want valid %v", err, test.valid)
			}
		})
	}
}
