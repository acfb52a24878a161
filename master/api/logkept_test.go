package api

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"capricornus/common/fault"
	"capricornus/common/wire"
)

func kept(from, size string) map[string]string {
	return map[string]string{
		wire.HeaderPartial: "tail", wire.HeaderFrom: from, wire.HeaderSize: size, wire.HeaderDone: "true", wire.HeaderAttempt: "1",
	}
}

func with(head map[string]string, name, value string) map[string]string {
	head[name] = value
	return head
}

func TestLogsFallBackOnTheTail(t *testing.T) {
	t.Parallel()
	exit := 0
	r, _, path := attempted(t, &wire.Fact{Kind: wire.FactFinished, ExitCode: &exit, Tail: "eight\nnine\nten\n", LogBytes: 100})
	for _, c := range []struct{ query, want, offset, next string }{
		{"", "eight\nnine\nten\n", "85", "100"},
		{"?offset=96", "ten\n", "96", "100"},
		{"?offset=50", "eight\nnine\nten\n", "85", "100"},
		{"?offset=100", "", "100", "100"},
		{"?offset=5000", "", "100", "100"},
		{"?offset=-4", "ten\n", "96", "100"},
		{"?tail=1", "ten\n", "96", "100"},
		{"?limit=5", "eight", "85", "90"},
		{"?tail=50", "eight\nnine\nten\n", "85", "100"},
		{"?wait=30&offset=100", "", "100", "100"},
	} {
		r.read(path+c.query, c.want, with(with(kept("85", "100"), wire.HeaderOffset, c.offset), wire.HeaderNext, c.next))
	}
}

func TestTheKeptEndOfALongLog(t *testing.T) {
	t.Parallel()
	exit := 0
	end := append([]byte("x\xff\n"), bytes.Repeat([]byte("a line\n"), 9000)...)
	end = append(end, "Error at last\n"...)
	r, _, path := attempted(t, &wire.Fact{Kind: wire.FactFinished, ExitCode: &exit, Tail: "Error at last\n", LogBytes: 1 << 30, LogEnd: end})
	from := 1<<30 - len(end)
	head := kept(jsonNumber(int64(from)), "1073741824")
	r.read(path, string(end), head)
	r.read(path+"?tail=2", "a line\nError at last\n", head)
	r.read(path+"?offset=-5", "last\n", head)
	var found wire.LogMatches
	r.must(http.MethodGet, path+"/search?q=ERROR&ignoreCase=true", "viewer", nil, &found)
	want := wire.LogMatches{
		Items: []wire.LogMatch{{Offset: 1<<30 - 14, Line: "Error at last"}}, Next: 1 << 30, Complete: true, Attempt: 1, Host: "w1",
		Size: 1 << 30, Partial: "tail", From: int64(from),
	}
	if got, _ := json.Marshal(found); string(got) != must(json.Marshal(want)) {
		t.Errorf("got %s, want %+v", got, want)
	}
	events := r.send(http.MethodGet, path+"?follow=true&tail=1", "viewer", nil).Body.String()
	if !strings.Contains(events, `{"attempt":1,"offset":1073741810,"text":"Error at last\n","partial":"tail"}`) || !strings.HasSuffix(events, `{"attempt":1,"offset":1073741824}`+"\n\n") {
		t.Errorf("got %s, want the last line and the end", events)
	}
}

func must(text []byte, err error) string {
	if err != nil {
		panic(err)
	}
	return string(text)
}

func TestALogOfWhichNothingIsKept(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]wire.Fact{"NoTail": {Kind: wire.FactFinished, LogBytes: 7, ExitCode: new(int)}, "Lost": {Kind: wire.FactLost}} {
		r, _, path := attempted(t, &end)
		for _, query := range []string{"", "?tail=3", "/search?q=x", "?follow=true"} {
			if p := r.problem(http.MethodGet, path+query, "viewer", nil); p.Code != string(fault.Unavailable) {
				t.Errorf("%s %s: got %+v, want that the worker is out of reach", name, query, p)
			}
		}
	}
}

func TestAShortLogIsKeptWhole(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "all of it\n"} {
		r, _, path := attempted(t, &wire.Fact{Kind: wire.FactFinished, ExitCode: new(int), Tail: text, LogBytes: int64(len(text))})
		r.read(path, text, kept("0", jsonNumber(int64(len(text)))))
	}
}
