package api

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"capricornus/common/fault"
	"capricornus/common/store/storetest"
	"capricornus/common/wire"
)

// stream is an open stream of events.
type stream struct {
	t      *testing.T
	body   io.ReadCloser
	lines  *bufio.Scanner
	cancel context.CancelFunc
}

type event struct {
	kind, id string
	data     logEvent
}

// follow opens a stream at a real server, going on behind an event if one is given.
func follow(t *testing.T, server *httptest.Server, path, last string) *stream {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer viewer")
	request.Header.Set("Accept", "text/event-stream")
	if last != "" {
		request.Header.Set("Last-Event-ID", last)
	}
	response, err := server.Client().Do(request) //nolint:bodyclose // close does
	if err != nil {
		t.Fatal(err)
	}
	if kind := response.Header.Get("Content-Type"); response.StatusCode != http.StatusOK || kind != "text/event-stream" {
		text, _ := io.ReadAll(response.Body)
		t.Fatalf("got %s %s %s, want a stream", response.Status, kind, text)
	}
	s := &stream{t: t, body: response.Body, lines: bufio.NewScanner(response.Body), cancel: cancel}
	s.lines.Buffer(nil, 1<<20)
	t.Cleanup(s.close)
	return s
}

func (s *stream) close() {
	s.cancel()
	_ = s.body.Close()
}

// next reads up to the end of an event; comments are passed over.
func (s *stream) next() (e event, ok bool) {
	s.t.Helper()
	for s.lines.Scan() {
		name, value, _ := strings.Cut(s.lines.Text(), ": ")
		switch name {
		case "event":
			e.kind = value
		case "id":
			e.id = value
		case "data":
			if err := json.Unmarshal([]byte(value), &e.data); err != nil {
				s.t.Fatalf("%s: %v", value, err)
			}
		case "retry":
		case "":
			if e.id != "" {
				return e, true
			}
		default:
			s.t.Fatalf("got the line %q, want a field of an event", s.lines.Text())
		}
	}
	return e, false
}

// until reads events until they have brought so much text, or the end.
func (s *stream) until(length int) (text string, last event) {
	s.t.Helper()
	for len(text) < length {
		e, ok := s.next()
		if !ok {
			s.t.Fatalf("got %q and then nothing: %v", text, s.lines.Err())
		}
		last = e
		text += e.data.Text
		if e.kind == "end" {
			break
		}
	}
	return text, last
}

func (r *rig) serve(t *testing.T) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(r.handler)
	server.Config = Server(r.handler)
	server.Start()
	t.Cleanup(server.Close)
	return server
}

func TestFollowingALogByEvents(t *testing.T) {
	t.Parallel()
	r, id, path := attempted(t, nil)
	w := newLogWorker(t, id, "one\n五\xff data: x\n\ndata: <y>\r\u2028\n")
	r.beat(w.URL)
	server := r.serve(t)
	s := follow(t, server, path, "")
	const first = "one\n五\uFFFD data: x\n\ndata: <y>\r\u2028\n"
	text, last := s.until(len(first))
	if text != first || last.id != "1:32" || last.data.Attempt != 1 || last.kind != "" {
		t.Fatalf("got %q and %+v, want what is there", text, last)
	}
	w.write(t, "half \xe4")
	if text, last = s.until(5); text != "half " || last.data.Offset != 32 || last.id != "1:37" {
		t.Errorf("got %q and %+v, want nothing of half a rune", text, last)
	}
	w.write(t, "\xba\x94 whole\n")
	if text, last = s.until(10); text != "五 whole\n" || last.data.Offset != 37 || last.id != "1:47" {
		t.Errorf("got %q and %+v, want the whole rune", text, last)
	}
	again := follow(t, server, path, "1:37")
	if text, _ := again.until(10); text != "五 whole\n" {
		t.Errorf("got %q, want what comes behind the last event", text)
	}
	again.close()
	w.write(t, "\xe4")
	if err := w.attempt.MarkReported(); err != nil {
		t.Fatal(err)
	}
	if text, last = s.until(100); text != "\uFFFD" || last.kind != "end" || last.data.Offset != 48 || last.id != "1:48" {
		t.Errorf("got %q and %+v, want the rest and the end", text, last)
	}
	if _, more := s.next(); more {
		t.Error("got an event after the end, want none")
	}
}

func TestFollowingALogThatIsNotThereYet(t *testing.T) {
	t.Parallel()
	r, id, path := attempted(t, nil)
	w := newLogWorker(t, id+1, "of another batch\n")
	r.beat(w.URL)
	s := follow(t, r.serve(t), path, "")
	attempt, err := w.root.Create(wire.Held{WorkID: id, Attempt: 1})
	if err != nil {
		t.Fatal(err)
	}
	w.attempt = attempt
	w.write(t, "one\n")
	if text, last := s.until(4); text != "one\n" || last.id != "1:4" {
		t.Errorf("got %q and %+v, want the log of what has begun now", text, last)
	}
}

func TestFollowingALongLogFromItsTail(t *testing.T) {
	t.Parallel()
	r, id, path := attempted(t, nil)
	text := strings.Repeat("五五五五五五五五五\n", 100_000)
	w := newLogWorker(t, id, text)
	r.beat(w.URL)
	if err := w.attempt.MarkReported(); err != nil {
		t.Fatal(err)
	}
	server := r.serve(t)
	got, last := follow(t, server, path, "").until(2 * len(text))
	if got != text || last.kind != "end" {
		t.Errorf("got %d bytes and %+v, want all %d and the end", len(got), last, len(text))
	}
	if got, _ := follow(t, server, path+"?tail=3", "").until(2 * len(text)); got != text[:3*28] {
		t.Errorf("got %q, want three lines", got)
	}
}

func TestFollowingOutlivesAWorkersAbsence(t *testing.T) {
	t.Parallel()
	r, id, path := attempted(t, nil)
	w := newLogWorker(t, id, "one\n")
	r.beat(w.URL)
	server := r.serve(t)
	s := follow(t, server, path, "")
	if text, _ := s.until(4); text != "one\n" {
		t.Fatalf("got %q, want what is there", text)
	}
	w.Close()
	back := newLogWorker(t, id, "one\ntwo\n")
	r.beat(back.URL)
	if text, last := s.until(4); text != "two\n" || last.id != "1:8" {
		t.Errorf("got %q and %+v, want what was written meanwhile", text, last)
	}
	back.Close()
	fact := wire.Fact{Kind: wire.FactFinished, ExitCode: new(int), Tail: "three\n", LogBytes: 1000, WorkID: id, Attempt: 1, Host: "w1", Incarnation: storetest.Incarnation}
	r.must(http.MethodPost, wire.PathFacts, "worker", wire.FactsRequest{Facts: []wire.Fact{fact}}, nil)
	text, last := s.until(100)
	if text != "three\n" || last.kind != "end" || last.data.Offset != 1000 {
		t.Errorf("got %q and %+v, want the kept end", text, last)
	}
}

func TestAClientThatGoesFreesItsStream(t *testing.T) {
	t.Parallel()
	r, id, path := attempted(t, nil)
	w := newLogWorker(t, id, "one\n")
	asked, left := make(chan struct{}, 10), make(chan struct{}, 10)
	front := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, req *http.Request) {
		asked <- struct{}{}
		w.Config.Handler.ServeHTTP(rw, req)
		left <- struct{}{}
	}))
	t.Cleanup(front.Close)
	r.beat(front.URL)
	s := follow(t, r.serve(t), path, "")
	s.until(4)
	<-asked
	<-left
	<-asked // it waits at the worker for more
	s.close()
	select {
	case <-left:
	case <-time.After(4 * time.Second): // less than it would have waited
		t.Error("got a worker that is asked still, want the call ended with the client's going")
	}
}

func TestOnlySoManyLogsAreSentAsEvents(t *testing.T) {
	t.Parallel()
	r, id, path := attempted(t, nil)
	w := newLogWorker(t, id, "one\n")
	r.beat(w.URL)
	if err := w.attempt.MarkReported(); err != nil {
		t.Fatal(err)
	}
	for range maxFollowers {
		r.api.follow <- struct{}{}
	}
	if p := r.problem(http.MethodGet, path+"?follow=true", "viewer", nil); p.Code != string(fault.Unavailable) || p.Hint == "" {
		t.Errorf("got %+v, want it refused for now", p)
	}
	<-r.api.follow
	for range 3 {
		if got := r.send(http.MethodGet, path+"?follow=true", "viewer", nil); got.Code != http.StatusOK || !strings.Contains(got.Body.String(), "event: end") {
			t.Errorf("got %d %s, want the log, and the place given back", got.Code, got.Body)
		}
	}
}

func TestWhereToGoOnMustBeKnown(t *testing.T) {
	t.Parallel()
	r, id, path := attempted(t, nil)
	r.beat(newLogWorker(t, id, "one\n").URL)
	for _, last := range []string{"7", "1:", ":7", "0:7", "1:-7", "x:7", "1:7:7"} {
		request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path+"?follow=true", nil)
		request.Header.Set("Authorization", "Bearer viewer")
		request.Header.Set("Last-Event-ID", last)
		got := httptest.NewRecorder()
		r.handler.ServeHTTP(got, request)
		if got.Code != http.StatusBadRequest || !strings.Contains(got.Body.String(), string(fault.Usage)) {
			t.Errorf("%s: got %d %s, want it refused", last, got.Code, got.Body)
		}
	}
}
