package workdir

import (
	"os"
	"testing"
	"time"
)

func TestExitAtIsWhenTheCodeWasWritten(t *testing.T) {
	past := time.Now().Add(-time.Hour).Truncate(time.Second)
	for name, test := range map[string]struct {
		written, want time.Time
	}{
		"NobodyWroteOne": {},
		"AnHourAgo":      {past, past},
		"StillToCome":    {time.Now().Add(time.Hour), time.Time{}},
		"LongAgo":        {time.Unix(1, 0), time.Unix(1, 0)},
	} {
		t.Run(name, func(t *testing.T) {
			a := create(t, openRoot(t), 1)
			if !test.written.IsZero() {
				if err := a.PutExitCode(0); err != nil {
					t.Fatal(err)
				}
				if err := os.Chtimes(a.Path()+"/"+exitName, test.written, test.written); err != nil {
					t.Fatal(err)
				}
			}
			if got := a.ExitAt(); !got.Equal(test.want) {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}
