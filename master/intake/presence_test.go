package intake

import (
	"testing"
	"time"

	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/common/wire"
)

// TestPresence goes through one attempt's claims: seconds, and whether each
// names it. Before the first question nobody listens.
func TestPresence(t *testing.T) {
	t.Parallel()
	type said struct {
		at    int
		named bool
	}
	for name, c := range map[string]struct {
		claims        []said
		asked         int // when it is asked about again
		absent, known bool
	}{
		"NothingHeard":              {nil, 600, false, false},
		"LeftOutOnce":               {[]said{{10, false}}, 20, false, false},
		"LeftOutForTooShort":        {[]said{{10, false}, {60, false}, {129, false}}, 130, false, false},
		"LeftOutForTwoMinutes":      {[]said{{10, false}, {60, false}, {130, false}}, 140, true, true},
		"NamedInBetween":            {[]said{{10, false}, {60, true}, {130, false}, {200, false}}, 210, false, false},
		"NamedLast":                 {[]said{{10, false}, {70, false}, {135, false}, {140, true}}, 150, false, true},
		"LeftOutAgainLongEnough":    {[]said{{10, true}, {60, false}, {120, false}, {180, false}}, 190, true, true},
		"ClaimsMissedInBetween":     {[]said{{10, false}, {131, false}}, 132, false, false},
		"HeardOnceMoreAfterTheGap":  {[]said{{10, false}, {131, false}, {200, false}, {251, false}}, 252, true, true},
		"SilentSinceItWasLeftOut":   {[]said{{10, false}, {60, false}, {130, false}}, 251, false, false},
		"NamedAndThenSilentIsKnown": {[]said{{10, true}}, 3000, false, true},
	} {
		p := newPresence(30 * time.Second)
		began := time.UnixMilli(1_700_000_000_000)
		held := wire.Held{WorkID: 7, Attempt: 2}
		a := attemptOf{incarnation: "i1", held: held}
		claim := func(incarnation string, at int, holding ...wire.Held) {
			p.claimed(&wire.Claim{Host: "w1", Incarnation: incarnation, Holding: holding}, began.Add(time.Duration(at)*time.Second))
		}
		claim("i1", -500)
		claim("i1", -300)
		if absent, known := p.absent("w1", a, began); absent || known {
			t.Errorf("%s: got absent %v, known %v at the first question, want nothing known", name, absent, known)
		}
		for _, s := range c.claims {
			if s.named {
				claim("i1", s.at, wire.Held{WorkID: 7, Attempt: 1}, held)
			} else {
				claim("i1", s.at, wire.Held{WorkID: 7, Attempt: 1}) // another attempt of the batch
			}
			claim("i2", s.at)       // another root of that name
			claim("i2", s.at, held) // says nothing about this one
		}
		absent, known := p.absent("w1", a, began.Add(time.Duration(c.asked)*time.Second))
		if absent != c.absent || known != c.known {
			t.Errorf("%s: got absent %v, known %v, want %v, %v", name, absent, known, c.absent, c.known)
		}
	}
}

func TestPresenceForgets(t *testing.T) {
	t.Parallel()
	p := newPresence(30 * time.Second)
	now := time.UnixMilli(1_700_000_000_000)
	for id := range int64(50) {
		p.absent("w1", attemptOf{incarnation: "i1", held: wire.Held{WorkID: id, Attempt: 1}}, now)
		now = now.Add(time.Hour)
	}
	if n := len(p.byHost["w1"]); n != 4 {
		t.Errorf("got %d attempts listened for, want those asked about within %s", n, askedWithin)
	}
}

// TestClaimsAreListenedTo: what a claim names is not absent.
func TestClaimsAreListenedTo(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		held, gone := wire.Held{WorkID: 7, Attempt: 1}, wire.Held{WorkID: 8, Attempt: 1}
		ask := func(h wire.Held) (absent, known bool) { return r.Absent("w7", "i7", h) }
		for _, h := range []wire.Held{held, gone} {
			if _, known := ask(h); known {
				t.Errorf("got %+v known before any claim, want nothing known", h)
			}
		}
		if _, err := r.Claim(t.Context(), wire.Claim{Host: "w7", Incarnation: "i7", First: true, Holding: []wire.Held{held}}); err != nil {
			t.Fatal(err)
		}
		if absent, known := ask(held); absent || !known {
			t.Errorf("got absent %v, known %v, want it there", absent, known)
		}
		if absent, known := ask(gone); absent || known {
			t.Errorf("got absent %v, known %v after one claim, want too little known", absent, known)
		}
	})
}

// TestBeatsTellOneRootFromTheNext: since when a root is the one of its host, and
// how long those before it may keep their attempts.
func TestBeatsTellOneRootFromTheNext(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		host := func() (h store.Host) {
			r.Change("UPDATE capri_schedul_cluster SET lastCheckTime = lastCheckTime - 60000 WHERE host = 'w7'") // so that anybody may follow
			h.IncarnationAt = int64(r.Figure("SELECT incarnationAt FROM capri_schedul_cluster WHERE host = 'w7'"))
			h.FormerLease = int64(r.Figure("SELECT formerLease FROM capri_schedul_cluster WHERE host = 'w7'"))
			return h
		}
		beat := func(incarnation string, lease int64) store.Host {
			hb := heartbeat("w7", incarnation)
			hb.LeaseMillis = lease
			if _, err := r.beatOf(hb); err != nil {
				t.Fatal(err)
			}
			return host()
		}
		first := beat("i7", 900)
		r.Change("UPDATE capri_schedul_cluster SET incarnationAt = 5 WHERE host = 'w7'")
		if again := beat("i7", 700); first.IncarnationAt == 0 || again.IncarnationAt != 5 || again.FormerLease != 0 {
			t.Errorf("got %+v, want the same root since 5", again)
		}
		if next := beat("i8", 300); next.IncarnationAt <= 5 || next.FormerLease != 700 {
			t.Errorf("got %+v, want another root since now, after one with a lease of 700", next)
		}
		if third := beat("i9", 100); third.FormerLease != 700 {
			t.Errorf("got %+v, want the longest lease of all before", third)
		}
	})
}
