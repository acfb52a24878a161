package channeltest

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"capricornus/common/config"
	"capricornus/master/notice/channel"
)

// Call is what a gateway was asked to send.
type Call struct {
	Phone string `json:"phone"`
	Text  string `json:"text"`
	Key   string `json:"key"`
	Level string `json:"level"`
}

// Gateway is an HTTP service that takes short messages or calls.
type Gateway struct {
	url string

	mu      sync.Mutex
	answers []http.HandlerFunc
	calls   []Call
}

// NewGateway serves until the test is over; it takes everything.
func NewGateway(t testing.TB) *Gateway {
	t.Helper()
	g := &Gateway{}
	server := httptest.NewServer(http.HandlerFunc(g.serve))
	t.Cleanup(server.Close)
	g.url = server.URL
	return g
}

// Answer answers the next calls by functions, one each.
func (g *Gateway) Answer(answers ...http.HandlerFunc) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.answers = append(g.answers, answers...)
}

// Calls are those that it got, taken or not.
func (g *Gateway) Calls() []Call {
	g.mu.Lock()
	defer g.mu.Unlock()
	return append([]Call(nil), g.calls...)
}

func (g *Gateway) serve(w http.ResponseWriter, r *http.Request) {
	var call Call
	body, err := io.ReadAll(r.Body)
	if err == nil {
		err = json.Unmarshal(body, &call)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	g.mu.Lock()
	g.calls = append(g.calls, call)
	answer := func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"code": 0, "id": "r-`+call.Key+`"}`)
	}
	if len(g.answers) > 0 {
		answer, g.answers = g.answers[0], g.answers[1:]
	}
	g.mu.Unlock()
	answer(w, r)
}

// Sender sends by the gateway; its receipt is "r-" and the message's key.
func (g *Gateway) Sender(t testing.TB) channel.Sender {
	t.Helper()
	sender, err := channel.NewGateway(config.Gateway{
		URL: config.Secret(g.url), Method: http.MethodPost, Timeout: 20 * time.Second,
		Body:    `{"phone": {{json .Phone}}, "text": {{json .Text}}, "key": {{json .Key}}, "level": {{json .Level}}}`,
		Success: config.Success{Field: "code", Equals: "0"}, Receipt: "id", Permanent: []string{"1001"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return sender
}

// Drops takes a call and drops the connection without an answer.
func Drops(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// Says answers with a status and a body.
func Says(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// Hangs answers nothing before it is released, or its caller has hung up.
func Hangs(release <-chan struct{}) http.HandlerFunc {
	return func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	}
}
