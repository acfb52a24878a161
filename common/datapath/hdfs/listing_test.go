package hdfs

import (
	"slices"
	"testing"
	"time"
)

func TestARememberedListingHolds(t *testing.T) {
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	after := func(d time.Duration) time.Time { return at.Add(d) }
	tests := map[string]struct {
		made  listing
		state string
		now   time.Time
		want  bool
	}{
		"MadeOfASettledState":                 {listing{state: "a", seen: at, began: after(time.Second)}, "a", after(time.Minute), true},
		"NotOfAnotherState":                   {listing{state: "a", seen: at, began: after(time.Second)}, "b", after(time.Minute), false},
		"NotWhenTheStateWasAMomentOld":        {listing{state: "a", seen: at, began: after(time.Millisecond)}, "a", after(time.Minute), false},
		"NotWhenNothingWasListed":             {listing{state: "a", seen: at}, "a", after(time.Minute), false},
		"NotForEverBecauseAClockMayStepBack":  {listing{state: "a", seen: at, began: after(time.Second)}, "a", after(time.Second + listAgain), false},
		"UntilJustBeforeItIsListedOnceMore":   {listing{state: "a", seen: at, began: after(time.Second)}, "a", after(listAgain), true},
		"NotBeforeThereWasAnythingToRemember": {listing{}, "a", at, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := test.made.holds(test.state, test.now); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func TestListingsAreBounded(t *testing.T) {
	l := newListings()
	now := time.Now()
	made := l.recall("/a", "1", now)
	made.began, made.names = now, make([]string, largest)
	for _, dir := range []string{"/a", "/a", "/b"} {
		l.keep(dir, made)
	}
	if l.names != 2*largest {
		t.Errorf("got %d names counted, want those of two directories", l.names)
	}
	l.names = mostNames // as if there were many more
	l.keep("/c", made)
	if kept := l.dirs["/c"]; kept.names != nil || !kept.began.IsZero() {
		t.Errorf("got %d names kept beyond the bound, want none", len(kept.names))
	}
	l.names = 2 * largest
	l.recall("/a", "2", now)
	l.forget("/c")
	if l.names != largest {
		t.Errorf("got %d names after a directory changed, want those of the other", l.names)
	}
	old := l.dirs["/b"]
	old.used = now.Add(-2 * forgetUnused)
	l.dirs["/b"] = old
	l.sweep()
	if _, there := l.dirs["/b"]; there || l.names != 0 {
		t.Errorf("got directory kept %v and %d names, want what nobody asks for to be forgotten", there, l.names)
	}
}

func TestParents(t *testing.T) {
	if got, want := parents("/a/b/c"), []string{"/a", "/a/b"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
