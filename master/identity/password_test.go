package identity

import (
	"context"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"capricornus/common/fault"
	"capricornus/common/pause"
)

func cheap() Cost { return Cost{Memory: 64, Time: 1} }

func TestPasswordsAreCheckedAgainstTheirHash(t *testing.T) {
	t.Parallel()
	h := newHasher(cheap())
	stored, err := h.hash(t.Context(), "four words that nobody says")
	if err != nil || strings.Contains(stored, "words") || !strings.HasPrefix(stored, "$argon2id$v=19$m=64,t=1,p=1$") {
		t.Fatalf("got %s %v, want a hash", stored, err)
	}
	if again, _ := h.hash(t.Context(), "four words that nobody says"); again == stored {
		t.Error("got the same hash twice, want a salt of its own each time")
	}
	for name, c := range map[string]struct {
		stored, password string
		right            bool
	}{
		"Right":        {stored, "four words that nobody says", true},
		"Wrong":        {stored, "four words that nobody said", false},
		"Empty":        {stored, "", false},
		"NoPassword":   {"", "four words that nobody says", false},
		"Dummy":        {h.dummy, "four words that nobody says", false},
		"Plain":        {"four words that nobody says", "four words that nobody says", false},
		"OtherKind":    {strings.Replace(stored, "argon2id", "argon2i", 1), "four words that nobody says", false},
		"OtherVersion": {strings.Replace(stored, "v=19", "v=16", 1), "four words that nobody says", false},
		"TooMuch":      {strings.Replace(stored, "m=64", "m=4000000", 1), "four words that nobody says", false},
		"NoPasses":     {strings.Replace(stored, "t=1", "t=0", 1), "four words that nobody says", false},
		"CutOff":       {stored[:len(stored)-4], "four words that nobody says", false},
		"More":         {stored + "$x", "four words that nobody says", false},
	} {
		right, _, err := h.check(t.Context(), c.stored, c.password)
		if err != nil || right != c.right {
			t.Errorf("%s: got %v %v, want %v", name, right, err, c.right)
		}
	}
}

func TestHashesOfAnotherCostAreOld(t *testing.T) {
	t.Parallel()
	before, now := newHasher(Cost{Memory: 32, Time: 1}), newHasher(cheap())
	stored, err := before.hash(t.Context(), "four words that nobody says")
	if err != nil {
		t.Fatal(err)
	}
	if right, old, err := now.check(t.Context(), stored, "four words that nobody says"); !right || !old || err != nil {
		t.Errorf("got %v, %v and %v, want it right and old", right, old, err)
	}
	if right, old, err := before.check(t.Context(), stored, "four words that nobody says"); !right || old || err != nil {
		t.Errorf("got %v, %v and %v, want it right and of today", right, old, err)
	}
}

// TestFewAreHashedAtOnce: some wait for their turn, more are sent away, and who
// waits too long, too.
func TestFewAreHashedAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHasher(cheap())
		var group sync.WaitGroup
		letGo := make(chan struct{})
		var mu sync.Mutex
		done, refused := 0, 0
		for range waiting {
			group.Go(func() {
				err := h.turn(t.Context(), func() { <-letGo })
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					done++
				case fault.CodeOf(err) == fault.TooMany:
					refused++
				}
			})
		}
		synctest.Wait()
		if err := h.turn(t.Context(), func() { t.Error("got a turn, want none") }); fault.CodeOf(err) != fault.TooMany {
			t.Errorf("one too many: got %v, want TOO_MANY", err)
		}
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		<-h.queue // as if one of those that wait had left
		if err := h.turn(gone, func() { t.Error("got a turn, want none") }); err == nil {
			t.Error("somebody who has gone: got a turn, want none")
		}
		h.queue <- struct{}{}
		if err := pause.For(t.Context(), hashWait+time.Second); err != nil { // those that wait give up meanwhile
			t.Fatal(err)
		}
		synctest.Wait()
		close(letGo)
		group.Wait()
		if done != hashers || refused != waiting-hashers {
			t.Errorf("got %d done and %d sent away, want %d and %d", done, refused, hashers, waiting-hashers)
		}
	})
}
