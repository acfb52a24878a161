package outbox

import (
	"encoding/json"
	"strings"
	"testing"

	"capricornus/common/wire"
)

// A request that masters refuse as too large would be sent again for ever.
func TestRequestsAreOfASizeThatMastersTake(t *testing.T) {
	answer, err := json.Marshal(strings.Repeat(`<">&`, 7000))
	if err != nil {
		t.Fatal(err)
	}
	long := &entry{fact: wire.Fact{Tail: strings.Repeat("\x01", 4096), Result: string(answer), LogEnd: make([]byte, 64<<10)}}
	short := &entry{fact: wire.Fact{Tail: "ok"}}
	tests := map[string]struct {
		ready       []*entry
		least, most int
	}{
		"None":              {nil, 0, 0},
		"Few":               {[]*entry{short, short}, 2, 2},
		"ManyShortOnes":     {repeated(short, 1000), maxFacts, maxFacts},
		"SomeOfTheLongOnes": {repeated(long, 500), 10, 100},
		"OneTooLong":        {[]*entry{{fact: wire.Fact{Result: strings.Repeat("x", maxBytes)}}, short}, 1, 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			n := fitting(test.ready)
			if n < test.least || n > test.most {
				t.Errorf("got %d facts, want from %d to %d", n, test.least, test.most)
			}
			facts := make([]wire.Fact, n)
			for i := range facts {
				facts[i] = test.ready[i].fact
			}
			text, err := json.Marshal(wire.FactsRequest{Facts: facts})
			if err != nil || name != "OneTooLong" && len(text) > 16<<20 {
				t.Errorf("got a request of %d bytes, %v, want at most 16 MiB", len(text), err)
			}
		})
	}
}

func repeated(e *entry, n int) []*entry {
	out := make([]*entry, n)
	for i := range out {
		out[i] = e
	}
	return out
}
