package keeper

import (
	"testing"
	"time"
)

func TestSilenceIsNeverShorterThanWhatWasSeen(t *testing.T) {
	noon := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	at := func(minutes int) time.Time { return noon.Add(time.Duration(minutes) * time.Minute) }
	type look struct{ said, now time.Time }
	tests := map[string]struct {
		looks []look
		want  time.Duration
	}{
		"TheFileSaysWhen":                  {[]look{{at(0), at(7)}}, 7 * time.Minute},
		"NoFile_SinceTheFirstLook":         {[]look{{time.Time{}, at(3)}, {time.Time{}, at(8)}}, 5 * time.Minute},
		"AFreshContactEndsIt":              {[]look{{at(0), at(9)}, {at(9), at(10)}}, time.Minute},
		"AClockSetBack_SinceTheFirstLook":  {[]look{{at(60), at(4)}, {at(60), at(10)}}, 6 * time.Minute},
		"AContactFromTheFutureIsNoSilence": {[]look{{at(60), at(4)}}, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var c contact
			var got time.Duration
			for _, look := range test.looks {
				got = c.silence(look.said, look.now)
			}
			if got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}
