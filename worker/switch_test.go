package worker

import (
	"bytes"
	"strings"
	"testing"

	"capricornus/common/logs"
)

func TestASwitchIsLoggedOnce(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	w := &Worker{log: logs.New(&log, nil)}
	for _, off := range []bool{false, true, true, true, false, false, true} {
		w.switched(off)
	}
	got := log.String()
	if offs, ons := strings.Count(got, "switched off, nothing new is assigned here"), strings.Count(got, "switched on again"); offs != 2 || ons != 1 {
		t.Errorf("got\n%s\nwant two words of off and one of on", got)
	}
}
