package election

import (
	"bytes"
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/hashicorp/raft"
	"pgregory.net/rapid"
)

func TestStoreKeepsLogs(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir)
	entries := []*raft.Log{
		{Index: 3, Term: 1, Type: raft.LogNoop},
		{Index: 4, Term: 2, Type: raft.LogCommand, Data: []byte("claim"), AppendedAt: time.Unix(1, 5)},
		{Index: 300, Term: 2, Type: raft.LogCommand, Data: []byte("x"), Extensions: []byte("more")},
	}
	if err := s.StoreLogs(entries); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	s = mustOpen(t, dir)
	wantEdges(t, s, 3, 300)
	for _, want := range entries {
		var got raft.Log
		if err := s.GetLog(want.Index, &got); err != nil || !reflect.DeepEqual(&got, want) {
			t.Errorf("entry %d: got %+v, %v, want %+v", want.Index, got, err, *want)
		}
	}
	if err := s.GetLog(5, new(raft.Log)); !errors.Is(err, raft.ErrLogNotFound) {
		t.Errorf("absent entry: got %v, want %v", err, raft.ErrLogNotFound)
	}
	if err := s.DeleteRange(1, 4); err != nil {
		t.Fatal(err)
	}
	wantEdges(t, s, 300, 300)
	if err := s.DeleteRange(300, 300); err != nil {
		t.Fatal(err)
	}
	wantEdges(t, s, 0, 0)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestStoreDeletesRangesOfAnyLength(t *testing.T) {
	s := mustOpen(t, t.TempDir())
	var entries []*raft.Log
	for i := uint64(1); i <= 2000; i++ {
		entries = append(entries, &raft.Log{Index: i, Data: bytes.Repeat([]byte("d"), 100)})
	}
	if err := s.StoreLogs(entries); err != nil {
		t.Fatal(err)
	}
	if err := s.DeleteRange(1, 1500); err != nil {
		t.Fatal(err)
	}
	wantEdges(t, s, 1501, 2000)
	if err := s.DeleteRange(1801, 2000); err != nil {
		t.Fatal(err)
	}
	wantEdges(t, s, 1501, 1800)
	for i := uint64(1); i <= 2000; i++ {
		err := s.GetLog(i, new(raft.Log))
		if kept := i > 1500 && i <= 1800; kept != (err == nil) {
			t.Fatalf("entry %d: got %v, want kept %v", i, err, kept)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestStoreKeepsVotes(t *testing.T) {
	s := mustOpen(t, t.TempDir())
	if got, err := s.GetUint64([]byte("term")); got != 0 || err != nil {
		t.Errorf("absent number: got %d, %v, want 0", got, err)
	}
	if got, err := s.Get([]byte("vote")); len(got) != 0 || err != nil {
		t.Errorf("absent value: got %q, %v, want nothing", got, err)
	}
	err := errors.Join(s.SetUint64([]byte("term"), 7), s.Set([]byte("vote"), []byte("m2")))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := s.GetUint64([]byte("term")); got != 7 || err != nil {
		t.Errorf("number: got %d, %v, want 7", got, err)
	}
	if got, err := s.Get([]byte("vote")); string(got) != "m2" || err != nil {
		t.Errorf("value: got %q, %v, want m2", got, err)
	}
	if _, err := s.GetUint64([]byte("vote")); err == nil {
		t.Error("number of two bytes: got no error, want one")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestDecodeLogSurvivesAnyBytes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.SliceOf(rapid.Byte()).Draw(t, "value")
		var entry raft.Log
		if decodeLog(1, value, &entry) != nil {
			return
		}
		if got := encodeLog(&entry); !bytes.Equal(got, value) {
			t.Fatalf("encode after decode: got %x, want %x", got, value)
		}
	})
}

func mustOpen(t *testing.T, dir string) *store {
	t.Helper()
	s, err := openStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func wantEdges(t *testing.T, s *store, first, last uint64) {
	t.Helper()
	gotFirst, firstErr := s.FirstIndex()
	gotLast, lastErr := s.LastIndex()
	if gotFirst != first || gotLast != last || firstErr != nil || lastErr != nil {
		t.Errorf("edges: got %d..%d (%v, %v), want %d..%d", gotFirst, gotLast, firstErr, lastErr, first, last)
	}
}
