package workdir

import (
	"os"
	"sync"
	"testing"
	"time"
)

// A worker may be killed at any moment: there is never half a contact.
func TestContactIsThereWhole(t *testing.T) {
	r, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if last := r.LastContact(); !last.IsZero() {
		t.Errorf("got %s before any contact, want none", last)
	}
	first := time.Now().Truncate(time.Millisecond)
	write := func(n int) {
		if err := r.Contact(first.Add(time.Duration(n) * time.Hour)); err != nil {
			t.Error(err)
		}
	}
	write(0)
	var writer sync.WaitGroup
	done := make(chan struct{})
	writer.Go(func() {
		defer close(done)
		for n := range 3000 {
			write(n)
		}
	})
	for reading := true; reading; {
		select {
		case <-done:
			reading = false
		default:
		}
		if last := r.LastContact(); last.Before(first) {
			t.Errorf("got %s while it is being written, want one that was", last)
			break
		}
	}
	writer.Wait()
	if err := os.Truncate(r.Path()+"/contact", 0); err != nil {
		t.Fatal(err)
	}
	if last := r.LastContact(); !last.IsZero() {
		t.Errorf("got %s from an empty file, want none", last)
	}
}
